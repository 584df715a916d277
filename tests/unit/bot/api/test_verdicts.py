"""Every shape of an error that gateways of this family and their suppliers send → what it is."""

from __future__ import annotations

import time
from typing import Any

import orjson
import pytest

from bot.api.failures import Effect, read_failure, to_error
from bot.api.nested import LIMIT, unwrap
from bot.errors import (
    ApiError,
    Declined,
    InvalidRequest,
    KeyRefused,
    ModelDenied,
    ModelNotFound,
    NoAnswer,
    NoSuchRoute,
    QuotaExhausted,
    RateLimited,
    ReadsNoImages,
    ServiceFault,
    TooLong,
    Unreachable,
)


def told(
    status: int,
    body: object,
    *,
    effect: Effect = Effect.MAKES,
    sent: tuple[str, ...] = (),
    content_type: str = "application/json",
) -> ApiError:
    raw = body if isinstance(body, bytes) else orjson.dumps(body)
    return to_error(read_failure(raw, content_type), status=status, effect=effect, sent=sent)


def error(message: str = "…", code: object = "", kind: str = "") -> dict[str, Any]:
    return {"error": {"message": message, "type": kind, "param": "", "code": code}}


BUDGET = "Budget has been exceeded! Current cost: 20.1, Max budget: 20.0"
QUOTA = "You exceeded your current quota, please check your plan and billing details."
LITELLM = (
    "litellm.BadRequestError: OpenAIException - Error code: 400 - {'error': {'message': 'Your request was rejected by "
    "the safety system.', 'type': 'user_error', 'param': None, 'code': 'moderation_blocked'}}\n"
    "Received Model Group=gpt-image-1\nAvailable Model Group Fallbacks=None"
)


@pytest.mark.parametrize(
    ("kind", "status", "body"),
    [
        # the key
        (KeyRefused, 401, error("Invalid token (request id: 2026)", kind="new_api_error")),
        (KeyRefused, 401, b""),
        (KeyRefused, 403, b""),
        (KeyRefused, 401, error("无效的令牌")),
        (KeyRefused, 400, [{"error": {"code": 400, "message": "API key not valid.", "status": "INVALID_ARGUMENT"}}]),
        (KeyRefused, 401, {"type": "error", "error": {"type": "authentication_error", "message": "invalid x-api-key"}}),
        (KeyRefused, 200, {"success": False, "message": "unauthorized, the access token is not valid"}),
        # this key, this model
        (ModelDenied, 401, error("Key not allowed to access model.", kind="key_model_access_denied", code="401")),
        (ModelDenied, 403, error("team not allowed", kind="team_model_access_denied")),
        (ModelDenied, 403, {"code": "Model.AccessDenied", "message": "Model access denied."}),
        (ModelDenied, 403, error("Access to model denied.", code="AccessDenied.Unpurchased")),
        (ModelDenied, 403, error("Project `proj_1` does not have access to model `gpt-5`", code="model_not_found")),
        (ModelDenied, 403, error("该令牌无权访问模型 qwen3-max")),
        # money
        (QuotaExhausted, 403, error(code="insufficient_user_quota")),
        (QuotaExhausted, 403, {"code": "insufficient_user_quota", "message": "…", "data": None}),
        (QuotaExhausted, 200, {"code": "insufficient_user_quota", "message": "…", "data": None}),
        (QuotaExhausted, 400, error(BUDGET, "400", "budget_exceeded")),
        (QuotaExhausted, 422, error(BUDGET, "422", "budget_exceeded")),
        (QuotaExhausted, 429, error(BUDGET, 429, "budget_exceeded")),
        (QuotaExhausted, 429, error(QUOTA, "429")),
        (QuotaExhausted, 429, error(QUOTA, "insufficient_quota", "insufficient_quota")),
        (QuotaExhausted, 429, [{"error": {"code": 429, "message": QUOTA, "status": "RESOURCE_EXHAUSTED"}}]),
        (QuotaExhausted, 402, {"error": {"message": "Insufficient Balance"}}),
        (QuotaExhausted, 402, b""),
        (QuotaExhausted, 400, error("Your credit balance is too low to access the Anthropic API.")),
        (QuotaExhausted, 400, {"code": "Arrearage", "message": "Access denied, please make sure your account is …"}),
        (QuotaExhausted, 403, error("… account is in good standing.", code="AccessDenied")),
        (QuotaExhausted, 403, error("The free tier of the model …", code="AllocationQuota.FreeTierOnly")),
        (QuotaExhausted, 403, {"code": 30001, "message": "Sorry, your account balance is insufficient", "data": None}),
        (QuotaExhausted, 429, {"error": {"code": "1113", "message": "您的账户已欠费，请充值后重试。"}}),
        (QuotaExhausted, 401, error("该令牌额度已用尽")),
        (QuotaExhausted, 403, error("预扣费额度失败, 用户剩余额度: ＄0.01")),
        (QuotaExhausted, 500, error("用户额度不足, 剩余额度: ＄0.00")),
        (QuotaExhausted, 400, {"error": {"message": "账户余额不足"}}),
        *(
            (QuotaExhausted, 400, '{"error":{"message":"余额不足"}}'.encode(name))
            for name in ("gbk", "utf-16", "utf-8-sig")
        ),
        (QuotaExhausted, 403, "403 余额不足".encode()),
        (QuotaExhausted, 403, {"detail": "User is locked. Reason: Exhausted balance."}),
        (QuotaExhausted, 403, {"code": "forbidden", "error": "Your team doesn't have any credits yet."}),
        (QuotaExhausted, 200, {"base_resp": {"status_code": 1008, "status_msg": "insufficient balance"}}),
        # no such route
        (NoSuchRoute, 404, {"detail": "Not Found"}),
        (NoSuchRoute, 404, error("Invalid URL (POST /v1/video/generations)", kind="invalid_request_error")),
        (NoSuchRoute, 404, b"404 page not found"),
        (NoSuchRoute, 404, b""),
        (NoSuchRoute, 404, b"<html><title>404 Not Found</title>"),
        (NoSuchRoute, 405, {"detail": "Method Not Allowed"}),
        (NoSuchRoute, 501, error("API not implemented", "api_not_implemented", "new_api_error")),
        # no such model
        (ModelNotFound, 404, error("The model `x` does not exist or you do not have access to it", code=None)),
        (ModelNotFound, 404, error("The model `x` does not exist", code="model_not_found")),
        (ModelNotFound, 503, error("No available channel for model x under group default", code="model_not_found")),
        (ModelNotFound, 503, error("当前分组 default 下对于模型 x 无可用渠道")),
        (ModelNotFound, 404, {"type": "error", "error": {"type": "not_found_error", "message": "model: x-9"}}),
        (ModelNotFound, 404, error("Not found the model x or Permission denied", kind="resource_not_found_error")),
        (ModelNotFound, 400, {"code": 20012, "message": "Model does not exist. Please check it.", "data": None}),
        (ModelNotFound, 400, error("Model Not Exist", kind="invalid_request_error")),
        (ModelNotFound, 404, error('model "x" not found, try pulling it first')),
        (ModelNotFound, 404, error("No endpoints found for x/y.", 404)),
        (ModelNotFound, 400, error("模型不存在，请检查模型代码。", "1211")),
        # busy
        (RateLimited, 429, b""),
        (RateLimited, 429, error("Requests are too frequent", "rate_limit_exceeded")),
        (RateLimited, 429, {"code": "Throttling.AllocationQuota", "message": "Allocated quota exceeded, please …"}),
        (RateLimited, 200, error("slow down", 429)),
        # declined
        (Declined, 400, error("Input data may contain inappropriate content.", "DataInspectionFailed")),
        (Declined, 500, error("Input data may contain inappropriate content.", "DataInspectionFailed")),
        (Declined, 200, error("Input data may contain inappropriate content.", "DataInspectionFailed")),
        (Declined, 500, error("user sensitive words detected", "sensitive_words_detected")),
        (Declined, 400, error("…", "content_policy_violation")),
        (Declined, 400, error("…", "moderation_blocked")),
        (Declined, 400, error("The request was rejected because it was considered high risk", kind="content_filter")),
        (Declined, 403, {"error": {"code": 403, "message": "x requires moderation and your input was flagged …"}}),
        (Declined, 400, error("Invalid prompt: flagged as potentially violating our usage policy", "invalid_prompt")),
        (Declined, 400, error("系统检测到输入或生成内容可能包含不安全或敏感内容", "1301")),
        (Declined, 422, {"detail": [{"loc": ["body", "prompt"], "msg": "…", "type": "content_policy_violation"}]}),
        (Declined, 500, error(LITELLM)),
        (Declined, 500, {"code": "fail_to_fetch_task", "message": '{"code":"DataInspectionFailed","message":"…"}'}),
        (Declined, 502, {"code": "plugin_submit_response_failed", "message": "code: DataInspectionFailed, message: …"}),
        # rejected before it was taken
        (InvalidRequest, 400, error("n must be 1", "invalid_parameter", "invalid_request_error")),
        (InvalidRequest, 400, error("大小写敏感的字段 size 不合法")),
        (
            InvalidRequest,
            422,
            {"detail": [{"loc": ["body", "size"], "msg": "extra fields", "type": "extra_forbidden"}]},
        ),
        (InvalidRequest, 500, {"code": "build_request_failed", "message": "…", "data": None}),
        (InvalidRequest, 500, {"code": "convert_to_ali_request_failed", "message": "…", "data": None}),
        (InvalidRequest, 400, {"code": "plugin_request_invalid", "message": "…", "data": None}),
        (InvalidRequest, 502, {"code": "plugin_submit_response_failed", "message": "InvalidParameter: size"}),
        (InvalidRequest, 403, error("Country, region, or territory not supported")),
        (InvalidRequest, 200, error("no such size", kind="invalid_request_error")),
        (InvalidRequest, 400, error("Model wan: resolution 720*720 is not supported")),
        (InvalidRequest, 400, error("model wan2.7-t2v does not support image input")),
        (InvalidRequest, 400, error("The duration is too long: at most 15 s")),
        # too long
        (TooLong, 400, error("This model's maximum context length is 65536 tokens.", "context_length_exceeded")),
        (TooLong, 400, error("This model's maximum context length is 65536 tokens. However, …", "invalid_request")),
        (TooLong, 400, error("prompt is too long: 205000 tokens > 200000 maximum")),
        (TooLong, 400, error("<400> InternalError.Algo.InvalidParameter: Range of input length should be [1, 30720]")),
        (TooLong, 400, error("Prompt 超长", "1261")),
        (TooLong, 400, error("Invalid request: Your request exceeded model token limit: 8192")),
        # a fault
        (ServiceFault, 500, error("upstream error", None, "upstream_error")),
        (ServiceFault, 502, b"<html><title>502 Bad Gateway</title>"),
        (ServiceFault, 503, b""),
        (ServiceFault, 500, error("当前分组上游负载已饱和，请稍后再试")),
        (ServiceFault, 529, {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}),
        (ServiceFault, 200, error("bad response body", "bad_response_body")),
        (ServiceFault, 200, error("it broke")),
        (ServiceFault, 500, {"code": "fail_to_fetch_task", "message": '{"code":"InternalError","request_id":"8"}'}),
        (ServiceFault, 500, error("incorrect api key provided at the supplier")),
        (NoAnswer, 408, b""),
        # a firewall before the service
        (Unreachable, 403, b"<html><title>Attention Required! | Cloudflare</title>"),
        (Unreachable, 401, {"code": "fail_to_fetch_task", "message": "InvalidApiKey", "data": None}),
    ],
)
def test_what_it_is(kind: type[ApiError], status: int, body: object) -> None:
    page = isinstance(body, bytes) and body.startswith(b"<")
    assert type(told(status, body, content_type="text/html" if page else "application/json")) is kind


@pytest.mark.parametrize(
    "message",
    [
        "Failed to deserialize the JSON body: messages[0]: unknown variant `image_url`, expected `text` at line 1",
        "Invalid content type. image_url is only supported by certain models.",
        "No endpoints found that support image input",
        "glm-4 does not support image input",
        "This model does not support vision",
        "Image inputs are not supported by this model",
        "qwen3 is not a multimodal model",
        "At most 0 image(s) may be provided in one request.",
        "该模型不支持图片输入",
    ],
)
def test_a_question_with_an_image_for_a_model_that_reads_none(message: str) -> None:
    assert type(told(400, error(message), effect=Effect.TALKS)) is ReadsNoImages
    assert type(told(400, error(f"bad prompt: {message}"), sent=(message,), effect=Effect.TALKS)) is InvalidRequest


def test_a_question_that_changes_nothing_never_reached_the_service() -> None:
    assert type(told(500, error("boom"), effect=Effect.READS)) is Unreachable
    assert type(told(413, b"<html>413", effect=Effect.TALKS, content_type="text/html")) is TooLong


@pytest.mark.parametrize(
    ("prompt", "status", "message", "kind"),
    [
        ("insufficient quota", 400, 'Invalid value for prompt: "insufficient quota"', InvalidRequest),
        ("insufficient quota", 400, "The prompt insufficient quota has two words", InvalidRequest),
        ("does not exist", 400, "Invalid prompt 'does not exist'", InvalidRequest),
        ("does not exist", 404, "The model `z-image` does not exist", ModelNotFound),
        ("a model that does not exist", 400, "Rejected: a model that does not exist", InvalidRequest),
        ("the model z does not exist", 404, "Not Found", NoSuchRoute),
        ("nsfw", 400, "size is wrong (prompt: nsfw)", InvalidRequest),
        ("nsfw", 400, "nsfw content detected", Declined),
        (
            "A sign that says: content policy, and below it余额不足",
            500,
            "boom at 'A sign that says: conte…'",
            ServiceFault,
        ),
        ("A sign that says 余额不足 in red neon", 400, "bad prompt: A sign that says 余额不足 in…", InvalidRequest),
        ("maximum context length", 400, 'n is 5, prompt "Maximum  Context Length"', InvalidRequest),
        ("InvalidParameter of a dream", 500, "boom for InvalidParameter of a dream", ServiceFault),
        ("insufficient quota", 403, "insufficient quota", QuotaExhausted),
    ],
)
def test_what_we_sent_does_not_decide_it(prompt: str, status: int, message: str, kind: type[ApiError]) -> None:
    assert type(told(status, error(message), sent=(prompt, "z-image"))) is kind


def test_a_models_name_does_not_decide_it() -> None:
    message = "The model `nsfw-xl` does not exist"
    assert type(told(404, error(message), sent=("a fox", "nsfw-xl"))) is ModelNotFound


@pytest.mark.parametrize(
    ("status", "body", "about_form"),
    [
        (400, error("n must be 1"), True),
        (422, error("extra fields"), True),
        (415, error("multipart wanted"), True),
        (413, error("too large"), False),
        (409, error("twice"), False),
        (500, {"code": "build_request_failed", "message": "…"}, True),
        (502, {"code": "plugin_submit_response_failed", "message": "InvalidParameter"}, True),
    ],
)
def test_whether_another_form_may_be_taken(status: int, body: object, about_form: bool) -> None:
    raised = told(status, body)
    assert isinstance(raised, InvalidRequest)
    assert raised.about_form is about_form


def test_another_form_is_no_help_where_it_is_too_long() -> None:
    raised = told(400, error("prompt is too long"))
    assert isinstance(raised, TooLong)
    assert not raised.about_form


@pytest.mark.parametrize(
    ("words", "message", "codes"),
    [
        ("plain words", "plain words", ()),
        ('{"error":{"message":"inner","code":"a"}}', "inner", ("a",)),
        ('bad response status code 400, body: {"code":"InvalidParameter","message":"n"}', "n", ("InvalidParameter",)),
        ('{"message":"{\\"message\\":\\"twice\\",\\"code\\":\\"b\\"}","code":"a"}', "twice", ("a", "b")),
        ("Error code: 400 - {'error': {'message': \"it's\", 'code': None}}", "it's", ()),
        ('[{"message":"first"},{"message":"second"}]', "first", ()),
        ('{"code":"DataInspectionFailed","message":"cut \\"sho', 'cut "sho', ("DataInspectionFailed",)),
        ('{"detail":[{"loc":["body","n"],"msg":"must be 1"}]}', "must be 1 (param: body.n)", ()),
        ('{"message":"invalid","errors":{"n":["must be 1"]}}', "must be 1 (param: n)", ()),
        ('{"message":["n must be 1"],"error":"Bad Request"}', "n must be 1", ()),
        ('{"error":"invalid","error_description":"n must be 1"}', "n must be 1", ()),
        ('{"error_code":17,"error_msg":"n must be 1"}', "n must be 1", ("17",)),
        ('{"ResponseMetadata":{"Error":{"Code":"N","Message":"n must be 1"}}}', "n must be 1", ("N",)),
        ('{"error":["n must be 1"]}', "n must be 1", ()),
        ('{"error":{"message":"no","metadata":{"raw":"{\\"message\\":\\"n must be 1\\"}"}}}', "n must be 1", ()),
        ("a {b} c", "a {b} c", ()),
    ],
)  # fmt: skip
def test_words_inside_words(words: str, message: str, codes: tuple[str, ...]) -> None:
    found = unwrap(words)
    assert (found.message, found.codes) == (message, codes)


@pytest.mark.parametrize(
    "hostile",
    ["{" * 60_000, "[" * 60_000, '{"message":"' * 6000, "'" * 60_000, '"message": "' + "\\" * 60_000, "model " * 10_000,
     "a" * 60_000, "{'a':" * 9000, "x: " * 20_000, "insufficient quota " * 3000],
)  # fmt: skip
def test_hostile_words_take_no_time(hostile: str) -> None:
    """As much as plain ones that are as long as what is looked at: measured beside them, on a busy machine too."""
    plain = ("plain words " * LIMIT)[:LIMIT]
    taken = [(seconds(plain), seconds(hostile)) for _ in range(3)]
    assert min(theirs for _, theirs in taken) < 4 * min(ours for ours, _ in taken)


def seconds(words: str) -> float:
    """What it takes this process to make an error of these words."""
    body = orjson.dumps(error(words))
    started = time.process_time()
    told(400, orjson.loads(body), sent=(words[:4000], "insufficient quota"))
    return time.process_time() - started
