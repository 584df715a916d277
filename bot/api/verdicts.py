"""Which error it is: by its codes first, then by its words, then by its HTTP status.

All is compared without case, space, "_", "-" and "." in between, since a gateway passes its supplier's code on in any
spelling, as a code, as a type or in the middle of its message. What we sent ourselves and the service repeats is taken
out before its words are read: a prompt must not decide what kind of error it is. The words are those of OpenAI,
Anthropic, Google, xAI, DeepSeek, DashScope, Zhipu, Volcengine, MiniMax, Moonshot, Kling, New API, One API and LiteLLM.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from bot.errors import (
    ApiError,
    Declined,
    InvalidRequest,
    KeyRefused,
    ModelDenied,
    ModelNotFound,
    QuotaExhausted,
    RateLimited,
    TaskNotFound,
    TooLong,
)

_REFUSAL: Final = (
    "datainspectionfailed", "datainspection", "sensitiveword", "sensitivecontent", "sensitiveinformation",
    "contentpolicy", "contentfilter", "contentmoderat", "contentsafety", "contentsecurity", "contentviolat",
    "inappropriatecontent", "moderationblocked", "moderationfailed", "requestmoderated", "failedmoderation",
    "requiresmoderation", "flaggedbymoderation", "promptblocked", "prohibitedcontent", "unsafecontent",
    "blockedbysafety", "safetysystem", "safetypolic", "safetyfilter", "safetysetting", "safetychecker",
    "usagepolic", "usageguidelines", "policyviolation", "violatesourpolic", "responsibleai", "consideredhighrisk",
    "ipinfringementsuspect", "illegaldetected", "riskcontrol", "risknotpass", "auditsubmitillegal", "nsfw",
    "敏感词", "敏感内容", "敏感信息", "含敏感", "涉敏", "或敏感", "违规", "违法", "内容安全", "不安全内容",
    "不合规", "审核不通过", "审核未通过",
    "审核失败", "风控", "违反内容政策", "违反使用政策",
)  # fmt: skip
_REFUSAL_CODES: Final = (*_REFUSAL, "safety", "moderation", "sensitive", "invalidprompt")
"""Words that as a code are a refusal, but in a sentence may be about anything ("case-sensitive")."""
_MONEY: Final = (
    "insufficientuserquota", "insufficientquota", "insufficientbalance", "insufficientcredit", "insufficientfund",
    "insufficientaccountbalance", "balanceisinsufficient", "balanceisnotenough", "balancenotenough",
    "notenoughbalance", "notenoughcredit", "notenoughquota", "creditinsufficient", "creditbalanceistoolow",
    "outofcredit", "anycredits", "exhaustedbalance", "preconsumetokenquotafailed", "quotaisnotenough",
    "quotanotenough", "quotaexhausted", "exceededyourcurrentquota", "exceededcurrentquota", "budgetexceeded",
    "budgethasbeenexceeded", "exceededbudget", "arrearage", "inarrears", "overduepayment", "accountoverdue",
    "goodstanding", "billinghardlimit", "billingnotactive", "billingisnotactive", "freetieronly",
    "freetierofthemodelhasbeenexhausted", "paymentrequired",
    "余额不足", "余额不够", "余额已用", "欠费", "额度不足", "额度不够", "额度已用", "额度用尽", "额度用完",
    "额度耗尽", "额度已耗尽",
    "额度失败", "超出额度", "额度已超", "额度超", "点数不足", "积分不足", "配额不足", "配额已用", "请充值",
    "请先充值", "资源包已用",
)  # fmt: skip
_DENIED: Final = (
    "modelaccessdenied", "accessdeniedunpurchased", "modelnotopen", "modelforbidden", "notallowedtoaccessmodel",
    "noaccesstomodel", "noaccesstothemodel", "accesstomodel", "accesstothemodel", "nothaveaccesstomodel",
    "nopermissiontousemodel", "无权访问模型", "无权使用模型", "没有权限使用模型", "没有权限访问模型",
    "无权限使用该模型", "无权访问该模型",
)  # fmt: skip
_MODEL: Final = (
    "modelnotfound", "modelnotexist", "unknownmodel", "invalidmodel", "nosuchmodel", "modelnotsupported",
    "unsupportedmodel", "notavalidmodel", "notfoundthemodel", "noavailablechannel", "noendpointsfound",
    "无可用渠道", "模型不存在", "模型未找到", "未知模型", "找不到模型", "模型已下线", "不支持该模型", "不支持的模型",
)  # fmt: skip
_LONG: Final = (
    "contextlengthexceeded", "maximumcontextlength", "contextwindow", "promptistoolong", "prompttoolong",
    "promptlength", "inputistoolong", "inputtoolong", "inputlength", "rangeofinputlength", "toomanytokens",
    "tokenlimit", "maximumnumberoftokens", "lengthofthemessages", "stringabovemaxlength", "stringtoolong",
    "requesttoolargeformodel", "contextlength", "超长", "上下文长度", "长度超出", "长度超过", "超出最大长度",
    "超过最大长度", "输入过长",
    "输入长度",
)  # fmt: skip
READS_NO_IMAGES: Final = (
    "unknownvariant`imageurl", "unknownvariant'imageurl", "unknownvariantimageurl", "imageurlisonlysupported",
    "notsupportimage", "notsupportvision", "notsupportmultimodal",
    "imageinputnotsupported", "imageinputisnotsupported", "imageinputsnotsupported", "imageinputsarenotsupported",
    "imagesarenotsupported", "imagesnotsupported", "visionisnotsupported", "visionnotsupported",
    "endpointsfoundthatsupportimage", "notamultimodal", "notmultimodal", "notavisionmodel", "atmost0image",
    "不支持图片", "不支持图像", "不支持多模态", "不支持视觉", "不支持识图",
)  # fmt: skip
"""Of a question alone: elsewhere images are what the request is about, and another form of it may do."""
_TASK: Final = ("tasknotexist", "tasknotfound", "任务不存在")
_RATE: Final = ("ratelimit", "toomanyrequests", "throttling", "requestlimitexceeded")
_KEY: Final = (
    "invalidapikey", "invalidtoken", "apikeynotvalid", "apikeyinvalid", "incorrectapikey", "authenticationerror",
    "accesstokenisnotvalid", "accesstoken无效", "invalidauthentication", "无效的令牌", "令牌无效", "令牌已过期",
    "令牌状态不可用",
)  # fmt: skip
NEVER_MADE: Final = (
    "buildrequestfailed", "convertrequestfailed", "converttoalirequestfailed", "pluginrequestinvalid",
    "invalidparameter", "invalidrequestbody", "jsonmarshalfailed",
)  # fmt: skip
"""Codes of what failed before the service took the request, or of a supplier's refusal of its form: whatever the status
is, nothing was made.
"""
RELAYED: Final = ("failtofetchtask",)
"""The gateway's own supplier answered so: its 401 is about the gateway's key there, not about ours."""
FAULTS: Final = ("servererror", "internalerror", "upstream", "badresponse", "overloaded", "timeout", "dorequestfailed")
REQUESTS: Final = ("invalidrequest", "badrequest", "invalidargument", "invalidvalue", "validation", "parameter")
_KEY_STATUSES: Final = frozenset({400, 401, 403})

_BY_CODE: Final[tuple[tuple[tuple[str, ...], type[ApiError]], ...]] = (
    (_REFUSAL_CODES, Declined),
    (_TASK, TaskNotFound),
    (_DENIED, ModelDenied),
    (_MODEL, ModelNotFound),
    (_MONEY, QuotaExhausted),
    (_LONG, TooLong),
    (_RATE, RateLimited),
)
_BY_WORDS: Final[tuple[tuple[tuple[str, ...], type[ApiError]], ...]] = (
    (_REFUSAL, Declined),
    (_TASK, TaskNotFound),
    (_MONEY, QuotaExhausted),
    (_DENIED, ModelDenied),
    (_MODEL, ModelNotFound),
    (_LONG, TooLong),
)
# "The model `x` does not exist", "model 'x' not found", "模型 x 不存在". Not "Model x: this size is not supported".
_MODEL_SENTENCE: Final = re.compile(
    r"(?:\bmodel|模型)[ :：=]{0,3}[`'\"“「]?[\w./:@-]{0,120}[`'\"”」]?[ ,]{0,2}"
    r"(?:(?:is |was |has been |could |can )?(?:does not exist|doesn't exist|not exist|not found|not be found|unknown"
    r"|not supported|unsupported|not available|unavailable|deprecated|retired|decommissioned)"
    r"|不存在|未找到|不支持|不可用|已下线)",
    re.IGNORECASE,
)
_MODEL_WORD: Final = re.compile(r"\bmodels?\b|模型", re.IGNORECASE)
_SEPARATORS: Final = re.compile(r"[\s_\-.]+")
_QUOTED: Final = r"(?:(?<=[\"'`“‘「『«<\[(])|(?<=[:：=])\s{0,3})"
_ECHO: Final = "x"
_SHORTEST_ECHO: Final = 4
_ECHO_LIMIT: Final = 4000
_TRUNCATED: Final = 16
"""Characters that what we sent and what the service repeats of it have in common, where it cuts it short."""


def mentions(phrases: tuple[str, ...], *texts: str) -> bool:
    """Whether one of `phrases` (lower case, without separators) stands in one of the texts."""
    joined = "\n".join(_SEPARATORS.sub("", one.lower()) for one in texts)
    return any(phrase in joined for phrase in phrases)


def is_refusal(*texts: str, sent: Sequence[str] = ()) -> bool:
    """Whether any of the texts (codes, types, messages) tells of a refusal by content policy.

    `sent`: what we sent, which the texts may repeat.
    """
    return mentions(_REFUSAL, *(without_echo(one, sent) for one in texts))


def verdict(codes: Sequence[str], message: str, *, status: int, sent: Sequence[str] = ()) -> type[ApiError] | None:
    """The error that the codes tell of, else the words. None: neither does. `sent`: see `without_echo`."""
    said = without_echo(message, sent)
    if status == 429:
        return QuotaExhausted if mentions(_MONEY, *codes, said) else RateLimited
    for phrases, kind in _BY_CODE:
        if mentions(phrases, *codes):
            # The sentence tells a model that is not there from one that is not for this key.
            denied = kind is ModelNotFound and status in {401, 403} and mentions(_DENIED, said)
            return ModelDenied if denied else kind
    for phrases, kind in _BY_WORDS:
        if mentions(phrases, said):
            return kind
    quoted = without_echo(message, sent, quoted_only=True)
    if _MODEL_SENTENCE.search(quoted) or (status == 404 and _MODEL_WORD.search(quoted)):
        return ModelNotFound
    if status in _KEY_STATUSES and not mentions(RELAYED, *codes) and mentions(_KEY, *codes, said):
        return KeyRefused
    return InvalidRequest if mentions(NEVER_MADE, *codes, said) else None


def status_of(codes: Sequence[str], said: str, assumed: int) -> int:
    """The HTTP status that an answer with a good one should have had. `said`: its words, without echoes."""
    for code in codes:
        if code.isdecimal() and len(code) == 3 and 400 <= int(code) < 600:
            return int(code)
    if mentions(_RATE, *codes, said):
        return 429
    if mentions(_KEY, *codes, said):
        return 401
    if mentions(FAULTS, *codes):
        return 500
    return 400 if mentions(REQUESTS, *codes) else assumed


def without_echo(message: str, sent: Sequence[str], *, quoted_only: bool = False) -> str:
    """`message` without what we sent and it repeats, whole or cut short.

    A word that stands alone is taken out only where it is quoted or follows a colon: it may be the service's own; with
    `quoted_only` all are. A message that is nothing but what we sent is the service's own, too.
    """
    flat = " ".join(message.split())
    for one in sent:
        said = " ".join(one[:_ECHO_LIMIT].split())
        if len(said) < _SHORTEST_ECHO or flat.lower() == said.lower():
            continue
        pattern = re.escape(said)
        if quoted_only or " " not in said:
            pattern = _QUOTED + pattern
        flat = re.sub(pattern, _ECHO, flat, flags=re.IGNORECASE)
        flat = _without_beginnings(flat, said)
    return flat


def _without_beginnings(message: str, said: str) -> str:
    """Without what begins as `said` does and is then cut short."""
    start = said[:_TRUNCATED]
    if len(start) < _TRUNCATED:
        return message
    kept: list[str] = []
    rest = message
    while (at := rest.find(start)) >= 0:
        pairs = zip(rest[at:], said, strict=False)
        length = next((n for n, (a, b) in enumerate(pairs) if a != b), min(len(rest) - at, len(said)))
        kept += [rest[:at], _ECHO]
        rest = rest[at + length :]
    return "".join([*kept, rest])
