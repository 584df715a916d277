"""/config prices and grant: what is paid with credits, and who is given some."""

from __future__ import annotations

import discord
from discord import app_commands

from bot.errors import BadValue
from bot.i18n import locale_of
from bot.kinds import BY_COMMAND
from bot.kit.bot import Interaction
from bot.kit.cog import FeatureCog
from bot.kit.commands import localised
from bot.kit.short_cards import note
from bot.settings.credits import MOST_CREDITS
from cogs.config import cards, changes, grants, prices
from cogs.config.choices import COMMANDS


class CreditCommands(FeatureCog):
    """The commands, for the group."""

    @app_commands.command(name="prices", description=localised("command.config.prices"))
    @app_commands.describe(
        command=localised("command.config.priced"),
        credits=localised("command.config.price"),
        model=localised("command.config.priced_model"),
    )
    @app_commands.choices(command=COMMANDS)
    async def show_prices(
        self,
        interaction: Interaction,
        command: str | None = None,
        credits: app_commands.Range[str, 1, 20] | None = None,  # noqa: A002 - the option's name
        model: app_commands.Range[str, 1, 100] | None = None,
    ) -> None:
        locale = locale_of(interaction.locale)
        if command is None:
            if credits is not None or model is not None:
                raise BadValue("prices.of_what")
            await cards.respond(interaction, prices.table(locale, await changes.look_at(interaction)))
            return
        made = await prices.change(interaction, BY_COMMAND[command], credits, model)
        said = prices.outcome(locale, made, BY_COMMAND[command], model)
        await cards.respond(interaction, note("\n".join(said)))

    @app_commands.command(name="grant", description=localised("command.config.grant"))
    @app_commands.describe(
        person=localised("command.config.person"),
        credits=localised("command.config.credits"),
        reason=localised("command.config.reason"),
    )
    async def give(
        self,
        interaction: Interaction,
        person: discord.User,
        credits: app_commands.Range[int, -MOST_CREDITS, MOST_CREDITS],  # noqa: A002 - the option's name
        reason: app_commands.Range[str, 1, 200],
    ) -> None:
        await cards.respond(interaction, await grants.grant(interaction, person, credits, reason))

    @show_prices.autocomplete("credits")
    async def amounts(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return prices.suggested_amounts(interaction, typed, str(interaction.namespace.command))

    @show_prices.autocomplete("model")
    async def patterns(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return await prices.suggested_models(interaction, typed, str(interaction.namespace.command))
