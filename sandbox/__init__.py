"""Stand-ins for the services the bot talks to, on one's own machine. Shares no code with `bot/`."""
