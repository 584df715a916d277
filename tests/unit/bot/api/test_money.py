"""What the service tells of money, in every shape; and that nothing is sent without leave."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from bot.api.billing import Balance
from bot.api.calls import Call
from bot.api.chat_request import MESSAGE_TOKENS, PICTURE_TOKENS, ChatRequest, ImagePart, Message, TextPart
from bot.api.client import OneKeyClient
from bot.api.completion import Finished
from bot.api.failures import Effect
from bot.api.images import ImageRequest
from bot.api.money import QUOTA_PER_UNIT, Unit
from bot.api.permits import Permit
from bot.errors import OverReserve, RateLimited, ServiceFault
from bot.money import Price
from tests.unit.service import Reply, Service, Stream

ASK = ChatRequest("deepseek-chat", (Message("user", "hello"),))
ANSWER = b'data: {"choices":[{"delta":{"content":"hi"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'


def told(data: object, **more: object) -> Reply:
    return Reply({"success": True, "message": "", "data": data, **more})


@pytest.mark.parametrize(
    ("reply", "unit"),
    [
        (told({"quota_per_unit": 500000, "quota_display_type": "USD"}), Unit(500_000, "$")),
        (told({"quota_per_unit": "1000"}), Unit(1000, "")),
        (told({"quota_per_unit": 0}), Unit()),
        (told({"quota_per_unit": None, "currency_symbol": "¥"}), Unit(QUOTA_PER_UNIT, "¥")),
        # The site shows yuan at a rate: a unit is none.
        (told({"quota_display_type": "CNY", "custom_currency_symbol": "¤", "usd_exchange_rate": 7.3}), Unit()),
        (
            told(
                {
                    "quota_display_type": "CUSTOM",
                    "custom_currency_symbol": "₩",
                    "custom_currency_exchange_rate": 1,
                }
            ),
            Unit(QUOTA_PER_UNIT, "₩"),
        ),
        (told({"currency_symbol": "a very long symbol"}), Unit()),
        (Reply(b"<html>", content_type="text/html"), Unit()),
        (Reply({"success": False, "message": "no"}), Unit()),
        (Reply({"error": {"message": "Invalid URL (GET /api/status)"}}, 404), Unit()),
        (Reply([1, 2]), Unit()),
    ],
)
async def test_what_it_counts_in(service: Service, client: OneKeyClient, reply: Reply, unit: Unit) -> None:
    service.scripts = [reply]
    assert await client.unit() == unit
    assert service.lines[0] == "GET /api/status"


def test_quota_is_turned_into_whole_millionths() -> None:
    assert [Unit().amount(quota) for quota in (0, 1, 250_000)] == [0, 2, 500_000]
    assert [Unit(3_000_000).amount(quota) for quota in (1, 2, 3)] == [0, 1, 1]


@pytest.mark.parametrize(
    ("rows", "more", "prices"),
    [
        (
            [{"model_name": "Wan", "quota_type": 1, "model_price": 0.1}],
            {},
            {"wan": Price("call", Fraction(1, 10))},
        ),
        (
            [{"model_name": "m", "quota_type": "0", "model_ratio": 0.5, "completion_ratio": 4}],
            {},
            {"m": Price("1m", Fraction(1, 1_000_000), Fraction(4, 1_000_000))},
        ),
        # The dearest group that the model is sold to.
        (
            [{"model_name": "m", "quota_type": 1, "model_price": 1, "enable_groups": ["default", "vip"]}],
            {"group_ratio": {"default": 1, "vip": 2, "other": 9}},
            {"m": Price("call", Fraction(2))},
        ),
        (
            [{"model_name": "m", "quota_type": 1, "model_price": 1}],
            {"group_ratio": {"default": 0.5, "odd": "x"}},
            {"m": Price("call", Fraction(1, 2))},
        ),
        # Without a ratio for answers they cost the same.
        ([{"model": "m", "model_ratio": 1}], {}, {"m": Price("1m", Fraction(1, 500_000), Fraction(1, 500_000))}),
        (
            [
                {"model_name": "m", "quota_type": 1, "model_price": -1},
                {"model_name": "n", "quota_type": 0, "model_ratio": "NaN"},
                {"model_name": 7, "quota_type": 1, "model_price": 1},
                {"quota_type": 1, "model_price": 1},
                "row",
                None,
            ],
            {},
            None,
        ),
    ],
)
async def test_the_price_list(
    service: Service, client: OneKeyClient, rows: list[Any], more: dict[str, Any], prices: dict[str, Price] | None
) -> None:
    service.scripts = [told(rows, **more)]
    found = await client.prices(Unit())
    assert (None if found is None else dict(found.prices)) == prices


@pytest.mark.parametrize(
    "reply",
    [
        Reply({"success": False, "message": "no"}),
        Reply(b"<html>", content_type="text/html"),
        Reply({"error": {"message": "Invalid URL (GET /api/log/token)"}}, 404),
        Reply({"error": {"message": "no", "code": ""}}, 401),
        Reply(b"{"),
    ],
)
async def test_a_service_that_tells_nothing(service: Service, client: OneKeyClient, reply: Reply) -> None:
    service.scripts = [reply]
    assert await client.costs() is None
    assert await client.prices(Unit()) is None


@pytest.mark.parametrize(
    ("data", "costs"),
    [
        ([{"request_id": "a", "quota": 7, "type": 2}, {"request_id": "b", "quota": 0}], {"a": 7, "b": 0}),
        ({"items": [{"request_id": "a", "quota": "7"}], "total": 1}, {"a": 7}),
        ([{"request_id": "a", "quota": 7}, {"request_id": "a", "quota": 5}], {"a": 12}),
        ([{"request_id": "a", "quota": 7, "type": 2}, {"request_id": "a", "quota": 7, "type": 6}], {"a": 0}),
        ([{"other": {"request_id": "a"}, "quota": 7}], {"a": 7}),
        ([{"request_id": "a", "quota": 7, "type": 5}], {}),
        ([{"request_id": "", "quota": 7}, {"request_id": "a"}, {"request_id": "a", "quota": -1}, 3, None], {}),
        ([{"request_id": "a", "quota": 1.5}, {"request_id": ["a"], "quota": 7}], {}),
        (None, {}),
        ("", {}),
    ],
)
async def test_the_log(service: Service, client: OneKeyClient, data: object, costs: dict[str, int]) -> None:
    service.scripts = [told(data)]
    assert await client.costs() == costs
    assert service.lines == ["GET /api/log/token"]


async def test_a_key_s_own_balance_where_the_account_is_not_told(service: Service, client: OneKeyClient) -> None:
    untold = Reply({"success": False})
    usage = {"total_granted": 1_000_000, "total_used": 250_000, "total_available": 750_000, "unlimited_quota": False}
    service.scripts = [untold, untold, told(usage), told({"quota_per_unit": 500_000})]
    assert await client.balance() == Balance(2.0, 0.5)
    service.scripts = [untold, untold, told({**usage, "unlimited_quota": True}), told({})]
    assert await client.balance() == Balance(None, 0.5)
    service.scripts = [untold, untold, told({"total_used": "odd"})]
    assert await client.balance() is None


# Leave to send


@pytest.mark.parametrize("effect", [Effect.MAKES, Effect.TALKS])
def test_no_call_that_may_cost_money_is_made_without_a_permit(effect: Effect) -> None:
    with pytest.raises(TypeError, match="nobody reserved it"):
        Call("POST", "/moderations", effect)
    Call("GET", "/models", Effect.READS)


async def test_the_calls_are_kept_as_the_service_names_them(service: Service, client: OneKeyClient) -> None:
    permit = Permit()
    service.scripts = [
        Reply({"error": {"message": "Unknown parameter: 'size'."}}, 400, {"X-Oneapi-Request-Id": "refused"}),
        Reply({"data": [{"url": "https://storage.example/a.png"}]}, headers={"X-Oneapi-Request-Id": "made"}),
    ]
    await client.generate_images(ImageRequest("m", "a fox", 1, "64x64"), permit)
    assert permit.calls == ["made"]

    service.scripts = [Reply({"error": {"message": "upstream"}}, 500, {"X-Oneapi-Request-Id": "perhaps"})]
    with pytest.raises(ServiceFault):
        await client.generate_images(ImageRequest("m", "a fox", 1, None), permit)
    assert permit.calls == ["made", "perhaps"]


async def answered(client: OneKeyClient, request: ChatRequest, permit: Permit) -> Any:
    return [event async for event in client.stream_chat(request, permit)][-1]


async def test_a_bounded_question_is_sent_with_its_bound(service: Service, client: OneKeyClient) -> None:
    service.scripts = [Stream([ANSWER])]
    assert isinstance(await answered(client, ASK, Permit(100, 512, is_bounded=True)), Finished)
    assert service.seen[-1].body["max_tokens"] == 512
    fewer = ChatRequest(ASK.model, ASK.messages, max_tokens=7)
    await answered(client, fewer, Permit(100, 512, is_bounded=True))
    assert service.seen[-1].body["max_tokens"] == 7
    await answered(client, ASK, Permit())
    assert "max_tokens" not in service.seen[-1].body


async def test_what_is_more_than_reserved_is_not_sent(service: Service, client: OneKeyClient) -> None:
    service.scripts = [Stream([ANSWER])]
    most = len("hello") + MESSAGE_TOKENS
    await answered(client, ASK, Permit(most, 512, is_bounded=True))
    with pytest.raises(OverReserve):
        await answered(client, ASK, Permit(most - 1, 512, is_bounded=True))
    picture = ChatRequest("m", (Message("user", (TextPart("é"), ImagePart("data:image/png;base64,AAAA"))),))
    assert picture.most_told == MESSAGE_TOKENS + 2 + PICTURE_TOKENS
    with pytest.raises(OverReserve):
        await answered(client, picture, Permit(1000, 512, is_bounded=True))
    assert len(service.seen) == 1


async def test_a_bounded_question_is_not_sent_twice_where_it_may_have_been_taken(
    service: Service, client: OneKeyClient
) -> None:
    busy = Reply({"error": {"message": "overloaded"}}, 503)
    service.scripts = [busy, Stream([ANSWER])]
    with pytest.raises(ServiceFault):
        await answered(client, ASK, Permit(100, 512, is_bounded=True))
    service.scripts = [busy, Stream([ANSWER])]
    assert isinstance(await answered(client, ASK, Permit()), Finished)
    # What is refused before it was taken costs nothing.
    service.scripts = [Reply({"error": {"message": "slow down"}}, 429), Stream([ANSWER])]
    try:
        assert isinstance(await answered(client, ASK, Permit(100, 512, is_bounded=True)), Finished)
    except RateLimited:
        pytest.fail("a 429 is asked again")
