"""/imagine by its form: all that an order may say, what of it is told to the service, and how it is asked for again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson
import pytest

from sandbox.discord.choosing import Upload
from sandbox.discord.models import walk
from tests.e2e.cards import at_rest, change, has_pictures, labels, link, private_answer, said, says, someone
from tests.e2e.picturing import EDIT_MODEL, PATIENCE, act, painted, studio
from tests.e2e.setting_up import Panel, parts_of
from tests.words import en, piece, zh

if TYPE_CHECKING:
    from sandbox.stage import Stage

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def with_style(stage: Stage, channel: object, name: str, words: str) -> None:
    alice = stage.person("alice")
    card = await (await alice.command(channel, "config styles")).message()  # pyright: ignore[reportArgumentType]
    opened = await alice.press(card, custom_id="styles:new")
    await opened.form()
    await (await alice.submit(opened, {"name": name, "words": words})).until(
        says(en("styles.saved", name=name)), PATIENCE
    )


async def test_a_misspelt_placeholder_of_a_style_is_told(stage: Stage) -> None:
    channel = await studio(stage)
    alice = stage.person("alice")
    card = await (await alice.command(channel, "config styles")).message()
    opened = await alice.press(card, custom_id="styles:new")
    await opened.form()
    sent = await alice.submit(opened, {"name": "Ink", "words": "{promt}, ink"})
    refused = await sent.until(says("{promt}"), PATIENCE)
    again = await alice.press(refused, label=en("button.edit_again"))
    parts = parts_of(await again.form())
    saved = await alice.submit(again, {"words": "{prompt}, ink"})
    await saved.until(says(en("styles.saved", name="Ink")), PATIENCE)
    assert (parts["name"]["value"], parts["words"]["value"]) == ("Ink", "{promt}, ink")


async def test_all_of_it_is_asked_for_once_and_once_more_with_other_words(stage: Stage) -> None:
    channel = await studio(stage)
    carol = someone(stage, at=channel)
    await with_style(stage, channel, "Oil", "an oil painting of {prompt}, thick strokes")
    opened = await carol.command(channel, "imagine")
    form = await opened.form()
    parts = [part["component"]["custom_id"] for part in form["components"]]
    assert (form["title"], parts) == (en("form.imagine"), ["prompt", "files", "shape", "style", "more"])
    sent = await carol.submit(
        opened, {"prompt": "a fox", "shape": ["portrait"], "style": ["Oil"], "more": "seed=7\navoid=text"}
    )
    card = await sent.until(has_pictures(1), PATIENCE)
    body = stage.api.requests.of("images")[-1].body
    assert body == orjson.dumps(
        {
            "model": "wan2.7-image",
            "prompt": "an oil painting of a fox, thick strokes",
            "n": 1,
            "size": "768x1024",
            "parameters": {"seed": 7, "negative_prompt": "text"},
        }
    )
    assert f"768×1024 · {en('card.style', name='Oil')} · " in said(card)
    assert labels(card) == ["Like", "Reroll", "Edit prompt", "Prompt"]
    shown = await carol.press(card, label="Prompt")
    words = en("card.told_style", name="Oil", words="an oil painting of \\{prompt\\}, thick strokes")
    await shown.until(lambda each: words.replace("\\{", "{").replace("\\}", "}") in each.text, PATIENCE)

    # The form has everything in it; a reroll takes another chance.
    again = await carol.press(card, label="Edit prompt")
    form = await again.form()
    chosen = [
        option["value"]
        for part in walk(tuple(form["components"]))
        for option in part.get("options", ())
        if option.get("default")
    ]
    assert chosen == ["portrait", "Oil"]
    child = await (await carol.submit(again, {"prompt": "a wolf"})).until(has_pictures(1), PATIENCE)
    told_so = orjson.loads(stage.api.requests.of("images")[-1].body)
    assert (told_so["prompt"], told_so["parameters"]["seed"], told_so["size"]) == (
        "an oil painting of a wolf, thick strokes",
        7,
        "768x1024",
    )
    assert said(child).splitlines()[1] == f"-# New prompt for [a fox]({link(card)}) by <@{carol.id}>"
    await (await carol.press(child, label="Reroll")).until(has_pictures(1), PATIENCE)
    assert orjson.loads(stage.api.requests.of("images")[-1].body)["parameters"] == {"negative_prompt": "text"}


async def test_images_of_one_s_own_are_combined_and_stay(stage: Stage) -> None:
    channel = await studio(stage)
    carol = someone(stage, at=channel)
    data = (await painted(carol, channel, "From a disk")).attachments[0].data
    opened = await carol.command(channel, "imagine", image=Upload("mine.png", data))
    form = await opened.form()
    assert "mine.png" in str(form)
    card = await (await carol.submit(opened, {"prompt": "in snow", "shape": ["wide"]})).until(has_pictures(1), PATIENCE)
    request = stage.api.requests.of("edits")[-1]
    told_so = orjson.loads(request.body)
    assert (told_so["model"], told_so["size"], told_so["prompt"]) == (EDIT_MODEL, "1280x720", "in snow")
    assert [image.content for image in request.images] == [data]
    again = await carol.press(card, label="Edit prompt")
    await again.form()
    await (await carol.submit(again, {"prompt": "in rain"})).until(has_pictures(1), PATIENCE)
    assert [image.content for image in stage.api.requests.of("edits")[-1].images] == [data]
    assert en("card.with_files", files="mine.png") in said(card)

    # It is left out, in one choice of the form.
    again = await carol.press(card, label="Edit prompt")
    form = str(await again.form())
    assert en("form.kept") in form
    assert en("form.shape_of_image") in form
    without = await (await carol.submit(again, {"prompt": "in fog", "kept": []})).until(has_pictures(1), PATIENCE)
    assert stage.api.requests.of("images")[-1].prompt == "in fog"
    assert "mine.png" not in said(without)

    # Two images of others together: both are parents.
    one, other = await painted(carol, channel, "A fox", count=2), await painted(carol, channel, "A castle")
    opened = await act(carol, one, "Change 2")
    await opened.form()
    number = str(other.buttons()[0]["custom_id"]).split(":")[1]
    both = await (await carol.submit(opened, {"prompt": "the fox at the castle", "with": [f"{number}:1"]})).until(
        has_pictures(1), PATIENCE
    )
    assert said(both).splitlines()[1] == "-# " + en(
        "card.from_several", what=f"[A fox]({link(one)}), [A castle]({link(other)})"
    )
    sent = [image.content for image in stage.api.requests.of("edits")[-1].images]
    assert sent == [one.attachments[1].data, other.attachments[0].data]


async def test_a_day_later_it_is_said_what_is_gone_and_what_of_cards_is_found_again(stage: Stage) -> None:
    channel = await studio(stage)
    carol = someone(stage, at=channel)
    one = await painted(carol, channel, "A fox")
    opened = await carol.command(channel, "imagine", image=Upload("mine.png", one.attachments[0].data))
    await opened.form()
    card = await (await carol.submit(opened, {"prompt": "in snow"})).until(has_pictures(1), PATIENCE)
    varied = await (await act(carol, one, "Vary")).until(has_pictures(1), PATIENCE)
    await at_rest(stage, varied)
    change(stage, "UPDATE inputs SET expires_at = 1")
    assert await private_answer(await carol.press(card, label="Reroll")) == en("imagine.files_gone_reroll")
    again = await carol.press(card, label="Edit prompt")
    assert en("form.files_gone", files="mine.png") in str(await again.form())
    sent = await carol.submit(again, {"prompt": "in rain"})
    await sent.until(says(en("imagine.files_gone")), PATIENCE)
    back = await sent.until(lambda each: labels(each) == [en("button.form_again")], PATIENCE)
    again = await carol.press(back)
    await again.form()
    await (await carol.submit(again, {"shape": ["tall"], "kept": []})).until(has_pictures(1), PATIENCE)
    assert stage.api.requests.of("images")[-1].prompt == "in rain"
    await (await carol.press(varied, label="Reroll")).until(has_pictures(1), PATIENCE)
    assert [image.content for image in stage.api.requests.of("edits")[-1].images] == [one.attachments[0].data]


async def test_nothing_of_a_refused_form_is_lost(stage: Stage) -> None:
    channel = await studio(stage, blocked_words="badger")
    carol = someone(stage, at=channel)
    before = len(stage.api.requests.of("images"))
    for more, why in (
        ("sed=7", piece("more.unknown_line")),
        ("avoid=a badger", "badger"),
        ("seed=x", piece("more.bad_seed")),
    ):
        opened = await carol.command(channel, "imagine")
        await opened.form()
        sent = await carol.submit(opened, {"prompt": "a fox", "shape": ["tall"], "more": more})
        await sent.until(says(why), PATIENCE)
        back = await sent.until(lambda each: labels(each) == [en("button.form_again")], PATIENCE)
        assert "a fox" in said(back)
        again = await carol.press(back)
        form = await again.form()
        typed = [part["component"].get("value") for part in form["components"]]
        assert (typed[0], typed[-1]) == ("a fox", more)
        done = await (await carol.submit(again, {"more": ""})).until(has_pictures(1), PATIENCE)
        assert "720×1280" in said(done)
    assert len(stage.api.requests.of("images")) == before + 3
    # Of files, those that are images stay; also where an image of a card is changed.
    card = await painted(carol, channel, "A fox")
    mine = Upload("mine.png", card.attachments[0].data)
    change, new = await act(carol, card, "Change"), await carol.command(channel, "imagine")
    for opened, files in ((new, [mine, Upload("a.txt", b"text")]), (change, [mine, Upload("b.txt", b"text")])):
        await opened.form()
        sent = await carol.submit(opened, {"prompt": "in fog", "files": files, "shape": ["tall"]})
        await sent.until(says(en("imagine.no_image", file=files[1].filename)), PATIENCE)
        back = await sent.until(lambda each: labels(each) == [en("button.form_again")], PATIENCE)
        again = await carol.press(back)
        assert "mine.png" in str(await again.form())
        await (await carol.submit(again, {})).until(has_pictures(1), PATIENCE)
        request = stage.api.requests.of("edits")[-1]
        assert [one.content for one in request.images] == [mine.data] * (2 if opened is change else 1)
        assert orjson.loads(request.body)["size"] == "720x1280"


async def test_a_refused_shape_is_had_as_its_nearest_in_one_press(stage: Stage) -> None:
    channel = await studio(stage)
    carol = someone(stage, at=channel)
    use = await carol.command(channel, "imagine", prompt="A fox [fault:sizes]", shape="9:16")
    failed = await use.until(says(piece("card.failed")), PATIENCE)
    assert labels(failed)[0] == en("button.size", size="1024×1536")
    done = await (await carol.press(failed, label=labels(failed)[0])).until(has_pictures(1), PATIENCE)
    assert done is failed
    assert "1024×1536" in said(done)


async def test_in_chinese(stage: Stage) -> None:
    channel = await studio(stage)
    ming = someone(stage, "小明", at=channel, locale="zh-CN")
    offered = await ming.autocomplete(channel, "imagine", focused="shape", value="竖", prompt="x")
    assert [choice["name"] for choice in offered] == ["竖版 · 3:4 · 768×1024", "竖屏 · 9:16 · 720×1280"]
    opened = await ming.command(channel, "imagine", shape="竖屏")
    form = await opened.form()
    assert form["title"] == zh("form.imagine")
    done = await (await ming.submit(opened, {"prompt": "一只狐狸"})).until(has_pictures(1), PATIENCE)
    assert "720×1280" in said(done)
    use = await ming.command(channel, "imagine", prompt="一只狐狸", style="油画")
    assert await private_answer(use) == zh("styles.none")


async def test_who_may_choose_a_missing_model_does_and_goes_on_with_the_form(stage: Stage) -> None:
    """Nothing that was typed or uploaded is asked for again; others read who can choose one."""
    channel = await studio(stage, edit_model="none")
    fox = Upload("fox.png", (await painted(someone(stage, at=channel), channel, "A fox")).attachments[0].data)
    alice, carol = stage.person("alice"), someone(stage, "carol", at=channel)
    none = en("error.no_edit_model")
    theirs = await carol.command(channel, "imagine", prompt="bluer", image=fox)
    await theirs.until(says(f"{none} {en('error.moderator_chooses')}"), PATIENCE)

    use = await alice.command(channel, "imagine", prompt="bluer", image=fox)
    told = await use.until(lambda each: labels(each) == [en("button.set_up")], PATIENCE)
    back = await use.until(lambda each: labels(each) == [en("button.form_again")], PATIENCE)
    assert (said(told), "bluer" in said(back)) == (none, True)
    panel = Panel(alice, told)
    await panel.fill(en("button.set_up"), edit_model=EDIT_MODEL)
    await panel.press(en("button.apply", count=1))
    again = await alice.press(back, label=en("button.form_again"))
    await again.form()
    card = await (await alice.submit(again, {})).until(has_pictures(1), PATIENCE)
    assert "bluer" in said(card)
    assert stage.api.requests.of("edits")[-1].images[0].content == fox.data


async def test_how_many_by_which_model_and_for_whom_stand_in_lines_and_stay(stage: Stage) -> None:
    channel = await studio(stage)
    carol = someone(stage, at=channel)
    await with_style(stage, channel, "Oil", "oil painting of {prompt}")
    opened = await carol.command(channel, "imagine", count=2, private=True)
    form = await opened.form()
    assert parts_of(form)["more"]["value"] == "count=2\nprivate=yes"
    lines = "张数=3\nmodel=flux-1\nprivate=no"
    sent = await carol.submit(opened, {"prompt": "a fox", "more": lines})
    await sent.until(says(piece("error.unknown_model")), PATIENCE)
    back = await sent.until(lambda each: labels(each) == [en("button.form_again")], PATIENCE)
    again = await carol.press(back)
    assert parts_of(await again.form())["more"]["value"] == lines, "nothing of it is there twice"
    card = await (await carol.submit(again, {"more": "count=3"})).until(has_pictures(3), PATIENCE)
    assert card.visible_to is None
    for more, why in (("count=9", en("more.bad_count", most=4)), ("private=maybe", en("more.bad_private"))):
        opened = await carol.press(card, label="Edit prompt")
        assert parts_of(await opened.form())["more"]["value"] == "count=3"
        await (await carol.submit(opened, {"more": more})).until(says(why), PATIENCE)
    opened = await carol.press(card, label="Edit prompt")
    await opened.form()
    mine = await (await carol.submit(opened, {"prompt": "a wolf", "more": "private=是"})).until(
        has_pictures(1), PATIENCE
    )
    assert mine.visible_to == carol.id
    # With files from before, the style stands among the shapes: five parts are all that a form has.
    opened = await carol.command(channel, "imagine", image=Upload("mine.png", card.attachments[0].data))
    form = await opened.form()
    assert [part["component"]["custom_id"] for part in form["components"]] == [
        "prompt",
        "files",
        "kept",
        "shape",
        "more",
    ]
    sent = await carol.submit(opened, {"prompt": "in fog", "shape": ["tall", "style:Oil"], "more": ""})
    done = await sent.until(has_pictures(1), PATIENCE)
    assert en("card.style", name="Oil") in said(done)
    assert orjson.loads(stage.api.requests.of("edits")[-1].body)["size"] == "720x1280"
    opened = await carol.press(done, label="Edit prompt")
    await opened.form()
    # Two of a kind: it comes back with its files.
    sent = await carol.submit(opened, {"prompt": "in rain", "shape": ["tall", "wide"]})
    await sent.until(says(en("form.one_each")), PATIENCE)
    again = await carol.press(await sent.until(lambda each: labels(each) == [en("button.form_again")], PATIENCE))
    assert "mine.png" in str(await again.form())
    plain = await (await carol.submit(again, {"shape": ["tall"]})).until(has_pictures(1), PATIENCE)
    assert en("card.style", name="Oil") not in said(plain), "it was unticked"
    assert en("card.with_files", files="mine.png") in said(plain)


async def test_a_model_that_was_chosen_stays_where_none_is_set_for_changes(stage: Stage) -> None:
    channel = await studio(stage, edit_model="none")
    carol = someone(stage, at=channel)
    data = (await painted(carol, channel, "A fox")).attachments[0].data
    opened = await carol.command(channel, "imagine", image=Upload("fox.png", data), model="wan2.7-image")
    assert parts_of(await opened.form())["more"]["value"] == "model=wan2.7-image"
    done = await (await carol.submit(opened, {"prompt": "bluer"})).until(has_pictures(1), PATIENCE)
    assert [image.content for image in stage.api.requests.of("edits")[-1].images] == [data]
    assert "-# wan2.7-image · " in said(done)
    opened = await carol.command(channel, "imagine")
    assert "files" not in parts_of(await opened.form())
