"""OneKeyModel over one shared aiohttp session. Knows no Discord and no database."""
