"""Credits in the hands of moderators: prices, grants, alerts of pools; and the service's own balance."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from sandbox.discord.permissions import Permission
from sandbox.discord.resolving import ClientRefusal
from tests.e2e.cards import eventually, has_pictures, labels, paint, server, someone
from tests.e2e.configuring import config, taken_in, told
from tests.e2e.setting_up import set_up
from tests.words import en, named, piece, zh

if TYPE_CHECKING:
    from sandbox.discord.models import Channel
    from sandbox.discord.people import Person
    from sandbox.stage import Stage
    from tests.e2e.conftest import NewStage

pytestmark = pytest.mark.asyncio(loop_scope="module")

TABLE = "\n".join(
    (
        f"### {en('prices.title')}",
        f"**/ask** · {en('prices.each_question', count=1)} · {en('prices.usual')}",
        f"**/imagine** · {en('prices.each_picture', count=5)} · {en('prices.usual')}",
        f"**/video** · {en('prices.each_video', count=50)} · {en('prices.usual')}",
    )
)


def numbers(history: str) -> list[str]:
    return re.findall(r"-# #(\d+) ", history)


def other(stage: Stage, channel: Channel, name: str) -> Channel:
    return stage.world.text_channel(stage.world.guilds[channel.guild_id or 0], name)


# Prices


async def test_the_table_of_prices(place: tuple[Person, Channel]):
    dora, channel = place
    off = await told(dora, channel, "prices")
    await told(dora, channel, "prices", command="video", credits="80", model="WAN2.7*")
    await told(dora, channel, "prices", command="ask", credits="2/1k")
    on = await told(dora, channel, "prices")

    first, *rest = TABLE.splitlines()
    off_hint = f"-# {en('prices.off')}"
    assert off.splitlines() == [first, off_hint, *rest]
    assert on.splitlines() == [
        first,
        f"**/ask** · {en('prices.each_tokens', count=2)}",
        f"**/imagine** · {en('prices.each_picture', count=5)} · {en('prices.usual')}",
        f"**/video** · {en('prices.each_video', count=50)} · {en('prices.usual')}",
        f"**/video** wan2.7* · {en('prices.each_video', count=80)}",
    ]


async def test_a_price_is_a_change_of_a_setting(place: tuple[Person, Channel]):
    dora, channel = place
    first = await told(dora, channel, "prices", command="imagine", credits="3")
    second = await told(dora, channel, "prices", command="imagine", credits="9", model="qwen*")
    removed = await told(dora, channel, "prices", command="imagine", credits="reset")
    history = await told(dora, channel, "history")
    undone = await told(dora, channel, "undo")
    kept = await told(dora, channel, "show")
    again = await told(dora, channel, "prices", command="imagine", model="qwen*")
    last = await told(dora, channel, "prices", command="imagine")

    unlimited = f"\n-# {en('config.no_ceiling')}"
    assert first == en("prices.now", what="**/imagine**", price=en("prices.each_picture", count=3)) + unlimited
    assert second == en("prices.now", what="**/imagine** qwen*", price=en("prices.each_picture", count=9)) + unlimited
    assert removed == f"**{named('prices')}** is now imagine:qwen*=9 in this server." + unlimited
    assert history.splitlines()[1] == f"**{named('prices')}** · imagine=3, imagine:qwen*=9 → imagine:qwen*=9"
    assert undone.splitlines()[1] == f"**{named('prices')}** is now imagine=3, imagine:qwen*=9 in this server."
    assert f"**{named('prices')}** · imagine=3, imagine:qwen*=9 · set for the server" in kept
    assert again == f"**{named('prices')}** is now imagine=3 in this server." + unlimited
    # The last one takes the setting with it: credits are off again.
    assert last.splitlines()[0] == en("config.reset", setting=named("prices"), where="this server")


async def test_prices_set_at_once_are_all_kept_on_postgresql(new_stage: NewStage, postgresql_url: str):
    stage = await new_stage(environment={"DATABASE_URL": postgresql_url})
    channel = server(stage)
    managers = [someone(stage, f"m{each}", at=channel, permissions=int(Permission.ADMINISTRATOR)) for each in range(8)]
    said = await asyncio.gather(
        *(
            told(each, channel, "prices", command="imagine", credits=str(number + 2), model=f"m{number}*")
            for number, each in enumerate(managers)
        )
    )
    table = await told(managers[0], channel, "prices")
    assert all(piece("prices.now") in line for line in said)
    assert [number for number in range(8) if f"**/imagine** m{number}* · {number + 2} credits" not in table] == []


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"credits": "5"}, en("prices.of_what")),
        ({"model": "wan*"}, en("prices.of_what")),
        ({"command": "ask"}, "ask has no price of its own here."),
        ({"command": "ask", "model": "gpt*", "credits": "RESET"}, "ask:gpt* has no price of its own here."),
        ({"command": "ask", "credits": "-5"}, en("prices.bad_amount")),
        ({"command": "ask", "credits": "much"}, en("prices.bad_amount")),
        ({"command": "ask", "credits": "9999999999"}, piece("config.bad_price")),
        ({"command": "video", "credits": "2/1k"}, piece("config.bad_price_tokens")),
        ({"command": "ask", "credits": "5", "model": "@everyone <@1>"}, piece("config.bad_price")),
    ],
)
async def test_what_is_no_price(place: tuple[Person, Channel], options: dict[str, Any], said: str):
    dora, channel = place
    assert said in await told(dora, channel, "prices", **options)
    assert piece("prices.off") in await told(dora, channel, "prices")


async def test_prices_are_the_whole_server_s(stage: Stage, place: tuple[Person, Channel]):
    _, channel = place
    mod = someone(stage, "mod", at=channel, permissions=int(Permission.MANAGE_CHANNELS))
    member = someone(stage, at=channel)
    assert en("prices.each_picture", count=5) in await told(mod, channel, "prices")
    needs = await told(mod, channel, "prices", command="ask", credits="5")
    grant = await told(mod, channel, "grant", person=member, credits=5, reason="a prize")
    assert needs == en("config.not_allowed_server")
    assert grant == en("grant.not_allowed")
    with pytest.raises(ClientRefusal):
        await config(member, channel, "prices")
    alone = await member.command(member.dm(), "config prices")
    assert (await alone.message()).text == en("config.only_in_servers")


async def test_prices_are_suggested(place: tuple[Person, Channel]):
    dora, channel = place
    await told(dora, channel, "prices", command="video", credits="80", model="own*")
    models = await dora.autocomplete(channel, "config prices", focused="model", command="video")
    amounts = await dora.autocomplete(channel, "config prices", focused="credits", command="ask")
    assert models[0]["value"] == "own*"
    assert {"wan2.7-t2v", "deepseek-chat"} < {each["value"] for each in models}
    assert [each["value"] for each in amounts] == ["1", "2/1k", "reset"]


async def test_values_of_credits_are_suggested(stage: Stage, place: tuple[Person, Channel]):
    dora, channel = place
    artists = stage.world.role(stage.world.guilds[channel.guild_id or 0], "artists")

    async def offered(setting: str, value: str = "") -> list[dict[str, Any]]:
        found = await dora.autocomplete(channel, "config set", focused="value", value=value, setting=setting)
        assert all(len(str(each["value"])) <= 100 for each in found)
        return found

    def values(found: list[dict[str, Any]]) -> list[str]:
        return [str(each["value"]) for each in found]

    pools = values(await offered("server_pool"))
    assert pools == ["500/day", "2000/day", "10000/month", "50000/month"]
    assert pools == values(await offered("channel_pool"))
    assert values(await offered("server_pool", "30")) == ["30/day", "30/month"]
    assert values(await offered("server_pool", "30/m")) == ["30/month"]
    assert values(await offered("server_pool", "much")) == []

    raised = f"<@&{artists.id}>"
    shares = values(await offered("daily_credits"))
    assert (shares[:3], shares[-1]) == (["50", "100", "200"], "none")
    assert f"200, {raised}=1000" in shares
    typed = values(await offered("daily_credits", "30"))
    assert typed[0] == "30"
    assert f"30, {raised}=150" in typed
    (named,) = await offered("daily_credits", "30, @art")
    assert (named["name"], named["value"]) == ("30, @artists=150", f"30, {raised}=150")
    assert not any(f"{raised}=1" in each for each in values(await offered("daily_credits", f"30, {raised}=60, ")))

    assert values(await offered("prices")) == ["default", "ask=1", "imagine=5", "video=50", "ask=2/1k"]
    assert values(await offered("prices", "ask=1, vid")) == ["ask=1, video=50"]
    assert values(await offered("prices", "video:t2v")) == ["video:wan2.7-t2v=50"]
    assert values(await offered("confirm_above")) == ["20", "50", "100", "500"]
    assert values(await offered("confirm_above", "75")) == ["75"]
    assert values(await offered("prompt_days"))[:2] == ["30", "7"]
    # Each of them is a value that can be set.
    for setting in ("server_pool", "daily_credits", "prices", "confirm_above"):
        for value in values(await offered(setting)):
            assert "**" in await told(dora, channel, "set", setting=setting, value=value)
    # What is set comes first.
    await config(dora, channel, "set", setting="server_pool", value="77/day")
    assert values(await offered("server_pool"))[0] == "77/day"


async def test_prices_go_through_a_file(stage: Stage, place: tuple[Person, Channel]):
    dora, channel = place
    role = stage.world.role(stage.world.guilds[channel.guild_id or 0], "artists\n- x: y")
    await config(dora, channel, "prices", command="video", credits="80", model="wan2.7*")
    set_ = await told(dora, channel, "set", setting="daily_credits", value=f"100, <@&{role.id}>=500")
    await config(dora, channel, "grant", person=dora, credits=5, reason="not for a file")
    exported = await config(dora, channel, "export")
    content = exported.attachments[0].data.decode()
    await config(dora, channel, "reset", setting="prices")
    imported = await taken_in(dora, channel, content)
    shown = await told(dora, channel, "show")

    assert set_.splitlines() == [
        f"**{named('daily_credits')}** is now 100, <@&{role.id}>=500 in this server.",
        affords("100 credits", (100, "ask"), (20, "images"), (1, "videos")),
    ]
    assert yaml.safe_load(content) == {
        "server": {"prices": ["video:wan2.7*=80"], "daily_credits": ["100", f"{role.id}=500"]},
        "names": {"roles": {role.id: "artists - x: y"}},
    }
    assert f"- {role.id}=500 # @artists - x: y" in content
    assert "1 change" in imported
    assert f"**{named('prices')}** · video:wan2.7*=80 · set for the server" in shown
    assert f"**{named('daily_credits')}** · 100, <@&{role.id}>=500 · set for the server" in shown


async def test_roles_and_channels_of_credits_exist(stage: Stage, place: tuple[Person, Channel]):
    dora, channel = place
    elsewhere = server(stage)
    said = await told(dora, channel, "set", setting="daily_credits", value="10, <@&123456>=50")
    assert said == await told(dora, channel, "set", setting="roles", value="<@&123456>")
    said = await told(dora, channel, "set", setting="alert_channel", value=f"<#{elsewhere.id}>")
    assert said == await told(dora, channel, "set", setting="log_channel", value=f"<#{elsewhere.id}>")
    assert "no longer" not in said


# Grants


async def test_grants_are_in_the_history_and_can_be_taken_back(stage: Stage, place: tuple[Person, Channel]):
    dora, channel = place
    carol = someone(stage, at=channel)
    first = await told(dora, channel, "grant", person=carol, credits=50, reason="won @everyone's **contest**")
    await config(dora, channel, "set", setting="daily_credits", value="0")
    less = await told(dora, channel, "grant", person=carol, credits=-80, reason="a mistake")
    nothing = await told(dora, channel, "grant", person=carol, credits=-1, reason="again")
    history = (await config(dora, channel, "history")).text
    back = await told(dora, channel, "undo")
    both = await told(dora, channel, "undo", change=numbers(history)[-1])

    assert first.splitlines() == [
        f"Granted 50 credits to <@{carol.id}>: won @everyone's **contest**",
        en("grant.left", person=f"<@{carol.id}>", count=50),
        f"-# {en('grant.no_share')}",
    ]
    assert less.splitlines() == [
        f"Took back 50 credits from <@{carol.id}>: a mistake",
        en("grant.left", person=f"<@{carol.id}>", count=0),
        f"-# {en('grant.less')}",
    ]
    assert nothing == en("grant.nothing", person=f"<@{carol.id}>")
    assert f"Granted 50 credits to <@{carol.id}>: won \\@everyone's \\*\\*contest\\*\\*" in history
    assert f"<@{dora.id}> · this server" in history
    assert back.splitlines() == [
        en("config.undone", number=numbers(history)[0]),
        en("grant.returned", count=50, person=f"<@{carol.id}>: a mistake"),
    ]
    assert both.splitlines()[1] == f"Took back 50 credits from <@{carol.id}>: won @everyone's **contest**"
    assert piece("config.undone") not in await told(dora, channel, "undo", change=numbers(history)[-1])


@pytest.mark.parametrize(
    ("locale", "wanted"),
    [
        (
            "en-US",
            [
                "Granted 20 credits to {carol}: a prize",
                "Took back 20 credits from {carol}: too much",
                en("grant.returned_for", count=20, person="{carol}", reason="too much"),
                "Took back 20 credits from {carol}: a prize",
                en("grant.taken_nothing_for", person="{carol}", reason="twice"),
            ],
        ),
        (
            "zh-CN",
            [
                f"{zh('grant.given', person='{carol}', count=20)}：a prize",
                f"{zh('grant.taken', person='{carol}', count=20)}：too much",
                zh("grant.returned_for", count=20, person="{carol}", reason="too much"),
                f"{zh('grant.taken', person='{carol}', count=20)}：a prize",
                f"{zh('grant.taken_nothing', person='{carol}')}：twice",
            ],
        ),
    ],
)
async def test_what_is_taken_back_is_said_so(stage: Stage, locale: str, wanted: list[str]):
    channel = server(stage)
    dora = someone(stage, "dora", at=channel, locale=locale, permissions=int(Permission.ADMINISTRATOR))
    carol = someone(stage, at=channel)
    given = await told(dora, channel, "grant", person=carol, credits=20, reason="a prize")
    taken = await told(dora, channel, "grant", person=carol, credits=-20, reason="too much")
    open_ = await dora.autocomplete(channel, "config undo", focused="change")
    returned = await told(dora, channel, "undo")
    first = numbers((await config(dora, channel, "history")).text)[-1]
    back = await told(dora, channel, "undo", change=first)
    await config(dora, channel, "grant", person=carol, credits=5, reason="twice")
    twice = numbers((await config(dora, channel, "history")).text)[0]
    await config(dora, channel, "grant", person=carol, credits=-5, reason="x")
    nothing = await told(dora, channel, "undo", change=twice)
    history = await told(dora, channel, "history")

    lines = [line.format(carol=f"<@{carol.id}>") for line in wanted]
    said = [given.splitlines()[0], taken.splitlines()[0], *(one.splitlines()[1] for one in (returned, back, nothing))]
    assert said == lines
    assert [line for line in lines if line not in history.splitlines()] == []
    assert wanted[1].format(carol=str(carol.id)) in str(open_[0]["name"])


async def test_a_grant_pays_beyond_the_share(stage: Stage, place: tuple[Person, Channel]):
    dora, channel = place
    carol = someone(stage, at=channel)
    await config(dora, channel, "set", setting="daily_credits", value="3")
    await config(dora, channel, "grant", person=carol, credits=10, reason="for a picture")
    use, _ = await paint(carol, channel, "A fox")
    await use.until(lambda message: "5 credits" in message.text)
    # Two of the ten are used: no more than eight can be taken back.
    said = await told(dora, channel, "undo")
    assert said.splitlines()[1] == f"Took back 8 credits from <@{carol.id}>: for a picture"


@pytest.mark.parametrize(
    ("credits_", "reason", "said"),
    [
        (0, "why not", piece("grant.zero")),
        (5, "   ", en("config.no_text", most=200)),
    ],
)
async def test_what_is_no_grant(place: tuple[Person, Channel], credits_: int, reason: str, said: str):
    dora, channel = place
    assert said in await told(dora, channel, "grant", person=dora, credits=credits_, reason=reason)


async def test_only_members_are_granted_credits(stage: Stage, place: tuple[Person, Channel]):
    dora, channel = place
    stranger = someone(stage, "stranger")
    said = await told(dora, channel, "grant", person=stranger, credits=5, reason="a guest")
    assert said == en("grant.nobody")


# What is stored of a person


async def test_what_is_stored_is_shown_and_forgotten(stage: Stage, place: tuple[Person, Channel]):
    dora, channel = place
    carol = someone(stage, at=channel)
    await config(dora, channel, "set", setting="daily_credits", value="3")
    await config(dora, channel, "grant", person=carol, credits=10, reason="for a picture")
    use, _ = await paint(carol, channel, "A fox")
    await use.until(has_pictures(1))
    show = await carol.command(channel, "privacy show")
    written = await show.until(lambda message: bool(message.attachments))
    credits_ = yaml.safe_load(written.attachments[0].data)["credits"]
    delete = await carol.command(channel, "privacy delete")
    question = await delete.message()
    press = await carol.press(question, label=en("button.delete_mine"))
    await press.until(lambda message: piece("privacy.deleted") in message.text)
    history = await told(dora, channel, "history")
    undone = await told(dora, channel, "undo")
    again = await (await carol.command(channel, "imagine", prompt="Another")).message()

    assert [(one["reserved"], one["spent"], one.get("granted")) for one in credits_["balances"]] == [
        (0, 2, 10),
        (0, 3, None),
    ]
    assert [(one["command"], one["reserved"], one["cost"]) for one in credits_["orders"]] == [("/imagine", 5, 5)]
    assert [(one["credits"], one["reason"]) for one in credits_["granted"]] == [(10, "for a picture")]
    assert history.splitlines()[1] == en("grant.given_forgotten", count=10)
    assert str(carol.id) not in history
    assert undone == en("grant.gone")
    # Today's share stays used, and the grant is gone.
    assert "credits" in again.text
    assert "Started" not in again.text


# What the service's account has


async def test_the_owner_is_told_once_of_a_low_balance(new_stage: NewStage):
    stage = await new_stage(environment={"LOW_BALANCE": "15.5"})
    owner = stage.person("alice")

    def letters() -> list[str]:
        return [message.text for message in owner.sees(owner.dm())]

    await eventually(lambda: len(letters()) == 1)
    await stage.restart()
    await stage.api.requests.seen("billing", 4)
    assert letters() == [en("owner.low_balance", left="12.34", threshold="15.5")]


async def test_nothing_is_asked_without_a_threshold(stage: Stage):
    assert stage.api.requests.counts["billing"] == 0


# What a value means that could be read otherwise


USES = {"ask": "config.uses_ask", "images": "config.uses_images", "videos": "config.uses_videos"}


def affords(credits: str, *uses: tuple[int, str]) -> str:  # noqa: A002 - the word for them
    each = (en(USES[what], count=count) for count, what in uses)
    return f"-# {en('config.affords_day', credits=credits, uses=en('config.or').join(each))}"


def too_dear(amount: int, *, key: str = "config.too_dear") -> str:
    price, credits_ = (en("card.credits", count=count) for count in (50, amount))
    return f"-# {en(key, command='/video', price=price, credits=credits_)}"


USUAL = f"-# {en('config.usual_prices', prices='/ask 1, /imagine 5, /video 50')}"


async def test_a_share_without_prices_says_what_it_is_enough_for(stage: Stage, place: tuple[Person, Channel]):
    dora, channel = place
    said = await told(dora, channel, "set", setting="daily_credits", value="5")
    assert said.splitlines()[1:] == [USUAL, affords("5 credits", (5, "ask"), (1, "images")), too_dear(5)]
    artists = stage.world.role(stage.world.guilds[channel.guild_id or 0], "Artists")
    raised = await told(dora, channel, "set", setting="daily_credits", value=f"5, <@&{artists.id}>=500")
    assert raised.splitlines()[-1] == too_dear(5, key="config.too_dear_roles")
    ming = someone(stage, "小明", at=channel, locale="zh-CN", permissions=int(Permission.ADMINISTRATOR))
    chinese = await told(ming, channel, "set", setting="server_pool", value="60/天")
    assert chinese.splitlines()[1:] == [
        f"-# {zh('config.usual_prices', prices='/ask 1、/imagine 5、/video 50')}",
        "-# "
        + zh("config.affords_day", credits=zh("card.credits", count=60), uses="60 次 /ask 或 12 张图片 或 1 个视频"),
    ]
    # By the prices that hold, those by tokens too.
    await told(dora, channel, "set", setting="server_pool", value="none")
    priced = await told(dora, channel, "set", setting="prices", value="ask=2/1k, imagine=1, video=0")
    assert priced.splitlines()[-1] == (
        "-# "
        + en(
            "config.affords_day",
            credits="5 credits",
            uses=en("config.or").join([en("config.uses_ask_tokens", count=2), en("config.uses_images", count=5)]),
        )
    )


async def test_a_form_shows_roles_by_name_and_says_first_that_no_pool_pays(stage: Stage, place: tuple[Person, Channel]):
    dora, channel = place
    role = stage.world.role(stage.world.guilds[channel.guild_id or 0], "Artists")
    await told(dora, channel, "set", setting="daily_credits", value=f"100, <@&{role.id}>=500")
    panel = await set_up(dora, channel)
    await panel.press(en("topic.credits"))
    await panel.press(en("config.scope_server"))
    form, parts = await panel.form(en("config.write"))
    drafted = await panel.send(form, daily_credits="50, @Artists=500")
    jams = await set_up(dora, other(stage, channel, "jams"))
    await jams.press(en("topic.together"))
    last = [one for one in labels(jams.message) if one.startswith(en("button.change_what", what=""))][-1]
    unpaid = await jams.fill(last, jam_paid_by="pool")

    assert parts["daily_credits"]["value"] == "100, @Artists=500"
    assert f"50, <@&{role.id}>=500" in drafted
    assert en("config.no_pool") in unpaid


async def test_a_pool_that_is_to_pay_for_jams_and_is_not_there(place: tuple[Person, Channel]):
    dora, channel = place
    hint = f"-# {en('config.no_pool_free')}"
    assert await told(dora, channel, "set", setting="jam_paid_by", value="starter") == (
        f"**{named('jam_paid_by')}** is now {en('config.starter')} in " + f"<#{channel.id}>."
    )
    without = await told(dora, channel, "set", setting="jam_paid_by", value="pool")
    with_one = await told(dora, channel, "set", setting="channel_pool", value="100/day")
    again = await told(dora, channel, "set", setting="jam_paid_by", value="pool")
    taken = await told(dora, channel, "reset", setting="channel_pool")
    assert without.splitlines() == [f"**{named('jam_paid_by')}** is now {en('config.pool')} in <#{channel.id}>.", hint]
    assert [said.splitlines()[1:] for said in (with_one, again)] == [
        [USUAL, affords("100 credits", (100, "ask"), (20, "images"), (2, "videos"))],
        [],
    ]
    assert taken.splitlines()[-1] == hint

    await told(dora, channel, "reset", setting="jam_paid_by")
    panel = await set_up(dora, channel)
    await panel.press(en("button.set_up_myself"))
    await panel.press(en("topic.together"))
    await panel.fill(en("button.change_next", count=4), jam_paid_by="pool")
    assert hint in await panel.press(en("button.apply", count=1))


async def test_a_scope_that_a_setting_has_not(place: tuple[Person, Channel]):
    dora, channel = place
    wide = await told(dora, channel, "set", setting="channel_pool", value="5000/day", scope="server")
    narrow = await told(dora, channel, "set", setting="server_pool", value="9000/day", scope="channel")
    own = await told(dora, channel, "set", setting="channel_pool", value="6000/day", scope="channel")
    assert wide.splitlines() == [
        f"**{named('channel_pool')}** is now 5000/day in <#{channel.id}>.",
        f"-# {en('config.single_channel')}",
        USUAL,
        affords("5,000 credits", (5000, "ask"), (1000, "images"), (100, "videos")),
    ]
    assert narrow.splitlines() == [
        f"**{named('server_pool')}** is now 9000/day in this server.",
        f"-# {en('config.whole_server')}",
        USUAL,
        affords("9,000 credits", (9000, "ask"), (1800, "images"), (180, "videos")),
    ]
    assert len(own.splitlines()) == 3


async def test_none_free_and_large_numbers(stage: Stage, place: tuple[Person, Channel]):
    dora, channel = place
    carol = someone(stage, at=channel)
    assert await told(dora, channel, "set", setting="daily_credits", value="none") == (
        f"**{named('daily_credits')}** is now {en('config.no_credits')} in this server."
    )
    await told(dora, channel, "set", setting="daily_credits", value="1000000")
    await told(dora, channel, "prices", command="imagine", credits="0")
    await told(dora, channel, "prices", command="video", credits="12000")
    table = await told(dora, channel, "prices")
    assert "**/imagine** · free" in table
    assert f"**/video** · {en('prices.each_video', count=12_000)}" in table
    ming = someone(stage, "小明", at=channel, locale="zh-CN", permissions=int(Permission.ADMINISTRATOR))
    assert "**/imagine** · 免费" in await told(ming, channel, "prices")

    use, card = await paint(carol, channel, "A fox for nothing")
    done = await use.until(has_pictures(1))
    assert not any("credit" in version.text for version in (*card.versions, done))
    shown = (await (await carol.command(channel, "usage")).message()).text
    assert en("usage.share_full", left=1000000, limit=1000000) in shown
    granted = await told(dora, channel, "grant", person=carol, credits=2500, reason="a prize")
    assert granted.splitlines()[:2] == [
        f"Granted 2,500 credits to <@{carol.id}>: a prize",
        en("grant.left", person=f"<@{carol.id}>", count=2500),
    ]
