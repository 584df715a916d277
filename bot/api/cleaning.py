"""What the service said, made fit for people: without addresses, ids of requests, keys, class names, traces and the
insides of gateways. What is nothing but such things is nothing.

    >>> readable("litellm.BadRequestError: OpenAIException - n must be 1 (request id: 2026011510)")
    'n must be 1'

Escaping for Discord is not done here. The words are foreign, so all is linear in them: words are judged one by one, and
what spans several of them begins with a word of ours.
"""

from __future__ import annotations

import re
from http import HTTPStatus
from ipaddress import ip_address
from typing import Final

from bot.api.nested import unwrap

LIMIT: Final = 2000
"""Characters that are looked at."""
_LONGEST_WORD: Final = 60
_DOMAINS: Final = frozenset(
    {
        "com", "net", "org", "io", "ai", "cn", "dev", "app", "cloud", "local", "internal", "lan", "localdomain",
        "svc", "co", "info", "xyz", "top", "me", "cc", "tv", "site", "online", "tech", "hk", "tw", "jp", "kr", "us",
        "eu", "uk", "de", "fr", "sg", "ru", "gov", "edu", "pro", "vip", "ltd", "club", "biz", "space", "store",
        "fun", "host", "run", "sh", "gg",
    }
)  # fmt: skip
_TRACES: Final = re.compile(
    r"Traceback \(most recent|\bgoroutine \d|\bpanic: |\n\s{0,8}at \S|\n\s{0,8}File \"|Received Model Group="
    r"|Available Model Group|LiteLLM Retried|\b(?:dial|read|write) (?:tcp|udp) |\blookup \S+ on "
)
"""From here on it is for engineers: traces, and what LiteLLM and network libraries add."""
_TRACE_END: Final = re.compile(r"\n(?:\w+\.){0,5}\w{1,60}(?:Error|Exception): ([^\n]+)")
_MARKUP: Final = re.compile(r"<[/!a-zA-Z][^<>]{0,300}>|\{[^{}]{0,500}[\"'][^{}]{0,500}\}")
_BRACKETED: Final = re.compile(r"[（(\[][^()（）\[\]]{0,200}[）)\]]")
_INSIDE: Final = re.compile(
    r"\bid\b|_id\b|\b(?:request|trace|req|t|r)id\b|请求|跟踪|渠道|分组|distributor|channel|group|proxy|gateway|node",
    re.IGNORECASE,
)
_LABELS: Final = re.compile(
    r"\b(?:x-)?(?:oneapi-)?(?:request|req|trace|log|correlation|session|task|event|organization|ray)[ _-]?id\b"
    r"[\s:=#\"']{0,4}\S{0,99}"
    r"|\b(?:tid|rid|reqid|cf-ray)[:=] ?\S{1,99}"
    r"|(?:请求|跟踪|追踪|日志|任务) ?(?:id|ID|Id|号|编号)[\s:：]{0,3}[!-~]{0,99}"
    r"|\b(?:under|in|for|of|from|by) (?:the )?(?:current )?(?:token )?(?:group|channel|provider|node) ?[#:]? ?\S{1,60}"
    r"|\b(?:channel|group|provider|node) ?(?:[#:=]|id|name) ?[#:=]? ?\S{1,60}"
    r"|(?:当前)?(?:令牌)?分组 ?[!-~]{0,60} ?下?的?|渠道 ?[#:：]? ?[!-~]{0,60}"
    r"|\b(?:error ?)?(?:status ?)?code[ :=]{0,3}\d{3}\b[ ,:-]{0,3}|\bHTTP(?:/[\d.]{1,4})? \d{3}\b[ ,:-]{0,3}|<\d{3}>"
    r"|\b(?:error_?)?(?:code|type)[:=] ?[\w.\"'-]{1,80}[,;]?"
    r"|\b(?:bad response|upstream|backend|task failed|request failed|submit failed)(?: error| status code)?[,:]"
    r"|(?:错误|状态)码 ?[:：]? ?\d{1,6}[，,：:]?|\brpc error: code = \w{1,40} desc = ?"
    r"|\b\d{1,3} validation errors? for \w{1,60}:?|\bFor further information visit\b"
    r"|\b(?:message|msg|reason)[:=] ?|\b(?:Bearer|Basic) \S{1,500}|\b(?:GET|POST|PUT|DELETE|PATCH) /\S{0,300}",
    re.IGNORECASE,
)
_FIELD: Final = re.compile(
    r"(?<![\w./])(?:\$|#|body|query|inputs?|parameters|params|payload|request|root|messages?|contents?|tools|loc)"
    r"(?:(?:\.|(?<=#)/|(?<=properties)/| ?-> ?)\w{1,60}|\[\d{1,4}\]){1,12}(?![\w/.]\w)"
)
"""Where something stands in a request, as validators name it: people know the last name of it, if any."""
_NAME: Final = re.compile(r"[^\W\d]\w*")
_PARAM: Final = re.compile(r" ?\(param: ([^()]{1,200})\)$")
_VALIDATOR: Final = re.compile(r"\[type=[^\[\]]{0,500}\]")
_RAISED: Final = re.compile(r"\b[A-Z]\w{0,60}(?:Error|Exception)\([\"']?([^()]{0,500}?)[\"']?,?\)")
_PHRASE: Final = "|".join(
    re.escape(phrase)
    for phrase in sorted(
        {status.phrase for status in HTTPStatus if status >= 400}
        | {"Request Entity Too Large", "Payload Too Large", "Content Too Large", "Unprocessable Entity"},
        key=len,
        reverse=True,
    )
)
_STATUS: Final = re.compile(
    rf"(?:error|failed|failure|exception) ?[:：] ?|(?:error )?[45]\d\d(?: ?[:：,-] ?| (?={_PHRASE})|\Z)"
    rf"|(?:{_PHRASE})(?: ?[:：,-] ?|[.!]?\Z)",
    re.IGNORECASE,
)
"""What a status line begins with, or is."""
_SAYS_NOTHING: Final = re.compile(
    r"(?:an? )?(?:unknown|internal|unexpected|server|request|invalid) ?(?:server |system )?(?:error|request)"
    r"(?: (?:has )?occurred)?|未知错误|系统错误|服务器(?:内部)?错误|请求(?:失败|错误)",
    re.IGNORECASE,
)
_WORD: Final = re.compile(r"[!-~]+")
_CLASS: Final = re.compile(r"(?:\w+\.)*[A-Z]\w*(?:Error|Exception|Fault|Failure)(?:\.\w+)*")
_CODE_BEFORE: Final = re.compile(r"(?:[A-Z][a-z0-9]+){2,}(?:\.\w+)*:")
_SNAKE: Final = re.compile(r"[a-z]+(?:_[a-z0-9]+)*_(?:error|failed|exception|invalid)|[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+")
_NUMBERED: Final = re.compile(r"\[[A-Z_-]{0,20}\d{3,8}\]|[A-Z]{1,5}-?\d{3,8}:")
"""A code before the words."""
_GATEWAYS: Final = re.compile(r"new[-_]?api|one[-_]?api|one[-_]?hub|litellm|distributor|OpenAIException", re.IGNORECASE)
_HOST: Final = re.compile(r"(?:[\w-]+\.)+([A-Za-z]{2,11})(?::\d+)?(?:[/?].*)?")
_PORT: Final = re.compile(r"[A-Za-z][\w-]*:\d{4,5}(?:/.*)?|localhost.*")
_FILE: Final = re.compile(r"(?:/[\w.@-]+){2,}\S*|[A-Za-z]:\\.*|[\w./-]+\.(?:go|py|js|ts|java|rs):\d+.*")
_KEY: Final = re.compile(
    r"(?:^|[^A-Za-z0-9])(?:sk|pk|rk|ak|gsk|xai|org|proj|req|run|chatcmpl|cmpl)[-_][\w*.-]{5}|AKIA|AIza|LTAI"
)
_HEX: Final = re.compile(r"(?=.*\d)(?:0x)?[0-9a-f-]{12,}", re.IGNORECASE)
_EMPTY: Final = re.compile(r"[（(\[{“\"'`] ?[,;:.、，：]? ?[）)\]}”\"'`]")
_STRAY: Final = re.compile(r"(?:[,;:，；：–—-] ?){2,}")
_SPACE_BEFORE: Final = re.compile(r" ([,.;:!?，。；：！？）)\]])")
_EDGES: Final = " \t-–—:;,.|/\\>·、，：；。!！=_"
_LETTERS: Final = re.compile(r"[^\W\d_]")
_LONE_CODE: Final = re.compile(r"[!-~]+")


def readable(words: str) -> str:
    """`words` as people may read them, on one line, without a full stop at the end. Empty: nothing is left."""
    said = _without_trace(unwrap(words).message[:LIMIT])
    said = " ".join("".join(sign if sign.isprintable() else " " for sign in said).split())
    param = _PARAM.search(said)
    said = _RAISED.sub(r"\1", said[: param.start()] if param else said)
    said = _VALIDATOR.sub(" ", _MARKUP.sub(" ", said))
    said = _FIELD.sub(lambda match: _last_name(match[0]), said)
    said = _BRACKETED.sub(lambda match: " " if _INSIDE.search(match[0]) else match[0], said)
    said = _LABELS.sub(" ", said)
    said = _WORD.sub(lambda match: _judged(match[0]), said)
    said = _EMPTY.sub(" ", " ".join(said.split()))
    said = _STRAY.sub(", ", " ".join(said.split()))
    said = _SPACE_BEFORE.sub(r"\1", said).strip(_EDGES)
    while (status := _STATUS.match(said)) is not None:
        said = said[status.end() :].strip(_EDGES)
    lone = _LONE_CODE.fullmatch(said) is not None  # `invalid_parameter`, DataInspectionFailed
    if lone or _SAYS_NOTHING.fullmatch(said) or len(_LETTERS.findall(said)) < 2:
        return ""
    field = _last_name(param[1]) if param else ""
    return f"{field}: {said}" if field and field.lower() not in said.lower() else said


def _last_name(path: str) -> str:
    """Of `body.messages[0].content`: "content"."""
    names = _NAME.findall(path)
    return names[-1] if names else ""


def _without_trace(said: str) -> str:
    cut = _TRACES.search(said)
    if cut is None:
        return said
    # Of a Python trace the last line says it.
    ends = _TRACE_END.findall(said, cut.start())
    return said[: cut.start()].strip() or (ends[-1] if ends else "")


def _judged(word: str) -> str:
    """The word, or what stood around it where it is none for people."""
    core = word.strip("\"'`()[]{}<>,.;:!?")
    if not core or not _is_internal(core, word):
        return word
    before, _, after = word.partition(core)
    return " ".join("".join(sign for sign in around if sign in "(),.") for around in (before, after))


def _is_internal(core: str, word: str) -> bool:
    if "://" in core or core.startswith("www.") or "@" in core[1:]:
        return True
    if len(core) > _LONGEST_WORD:
        return True
    host = _HOST.fullmatch(core)
    if host is not None and host[1].lower() in _DOMAINS:
        return True
    if _CODE_BEFORE.fullmatch(word) or _NUMBERED.fullmatch(word) or _is_address(word):
        return True
    return any(kind.fullmatch(core) for kind in (_CLASS, _SNAKE, _PORT, _FILE, _HEX)) or any(
        kind.search(core) for kind in (_KEY, _GATEWAYS)
    )


def _is_address(word: str) -> bool:
    bare = word.strip("\"'`()<>,;!?").partition("/")[0]
    if "]" in bare:
        bare = bare.partition("]")[0].lstrip("[")
    elif bare.count(":") == 1:
        bare = bare.partition(":")[0]
    if bare.count(".") < 3 and bare.count(":") < 2:
        return False
    try:
        ip_address(bare.strip(".:[]") or "-")
    except ValueError:
        return False
    return True
