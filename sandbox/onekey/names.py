"""The names of every shape and every fault that the stand-in can play, each with what it does.

One table serves the tests (each name is played there), the help text and the words in a prompt.
"""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

Route: TypeAlias = Literal[
    "chat", "images", "edits", "video.submit", "video.poll", "video.content", "models", "billing", "files"
]
"""A file is asked for without a key (`files`), a clip of a task without a URL with it (`video.content`)."""

ROUTES: Final[tuple[Route, ...]] = (
    "chat",
    "images",
    "edits",
    "video.submit",
    "video.poll",
    "video.content",
    "models",
    "billing",
    "files",
)

_PICTURES: Final = {
    "url": "a URL and nothing else (the document)",
    "b64_json": "the picture itself, base64",
    "all_keys": "url filled, b64_json and revised_prompt there and empty",
    "b64_all_keys": "b64_json filled, url there and empty",
    "b64_wrong": "base64, but the first one is a web page",
    "mixed": "by turns a URL and base64",
    "jpeg": "as url, but the files are JPEG",
    "empty": "all keys there and all of them empty",
    "fewer": "one picture fewer than asked for",
    "null": "data is null",
    "object": "data is one object, the first picture",
    "images": "the pictures under images, as links",
    "b64_link": "the link stands in b64_json",
    "data_lines": "base64 after data:, in the alphabet of URLs, with line breaks",
    "dashscope": "the supplier's own: output.choices[].message.content[].image",
    "dashscope_old": "the supplier's own: output.results[].url",
    "avif": "base64 of AVIF",
    "tiff": "base64 of TIFF",
    "bmp": "base64 of a bitmap",
    "cmyk": "base64 of a JPEG in four inks",
    "deep": "base64 of a PNG with 16 bits a colour",
}
SHAPES: Final[dict[Route, dict[str, str]]] = {
    "chat": {
        "document": "deltas with content, then usage with choices [] when it was asked for",
        "reasoning_content": "thoughts in delta.reasoning_content first (the default of thinking models)",
        "reasoning": "thoughts in delta.reasoning first",
        "think": "thoughts between <think> and </think> in the content, the tags split between blocks",
        "choices_null": "the usage block has choices null",
        "null_content": "content null or absent in some deltas",
        "pings": "a comment line `: PING` before and between the blocks",
        "crlf": "lines end with CRLF, and `data:` stands without a space",
        "split": "the bytes come in pieces that respect neither blocks nor characters",
        "whole": "one JSON completion, although a stream was asked for",
        "stop_everywhere": "finish_reason stop on every block, not only on the last",
        "null_word": "finish_reason is the word null until the end",
        "repeat": "the last block has all the words once more, in message",
        "cumulative": "every block has all the words so far",
        "lone_think": "thoughts in the content, with </think> behind them and no opening tag",
        "harmony": "thoughts and answer in harmony's channels",
        "parts": "content as an array of parts, thoughts of type thinking",
        "glued": "two objects on one line, and data: in mid-line",
        "as_html": "Content-Type text/html",
        "no_usage": "stream_options is ignored: no usage block",
        "json_fenced": "what is asked for as JSON comes between ```json and ```, with a sentence before it",
        "json_ignored": "response_format is ignored: prose",
    },
    "images": _PICTURES,
    "edits": _PICTURES,
    "video.submit": {
        "document": "id, status in_progress, created_at",
        "both_ids": "id and task_id, object video, queued, progress 0",
        "task_id": "task_id alone",
        "task_id_status": "task_id and status",
        "wrapped": "code success, data.task_id",
        "wrapped_int": "the same with an integer data.id that means nothing",
    },
    "video.poll": {
        "document": "id, status, created_at, video_url",
        "data_wrapped": "code success, data.status SUCCESS, data.result_url, data.data.output.video_url",
        "older": "wrapped; the URL sits in fail_reason",
        "not_start": "wrapped; NOT_START until it is done",
        "data_url": "wrapped; data.status succeeded, data.url",
        "null_data": "code success, data null until it is done",
        "openai": "object video, completed, metadata.url",
        "no_url": "completed, no URL: /videos/{id}/content has it",
        "content": "task_id, in-progress, then succeeded with content.video_url",
        "plain_url": "completed with url",
        "doubled_url": "the document's, with a doubled /v1/v1/ in a URL on the API's own host",
        "unknown": "status unknown until it is done",
        "kling": "a supplier's own: data.task_status succeed, data.task_result.videos[0].url",
        "finished": "state FINISHED, url",
        "number": "status 2, url",
        "new_words": "words that nobody knows, then one with a result_url beside it",
        "success_inside": "status success outside, the task's own one inside data",
        "list": "video_url is a list",
        "cover": "url is a cover, the clip stands under items[0].address",
        "relative": "url is a path on the API's own host, which wants the key",
        "embedded": "video_url is a data: URL",
    },
    "video.content": {"document": "the clip"},
    "models": {
        "document": "the list",
        "missing": "404, as if there were no such route",
        "refused": "200 with success false",
    },
    "billing": {
        "document": "hard_limit_usd in the unit shown, total_usage in hundredths of it",
        "unlimited": "a key without a limit: hard_limit_usd 100000000",
        "at_root": "the same, but beside /v1 and not under it, where a page answers",
        "untold": "200 with success false, under both paths",
        "absent": "404, as if there were no such route",
        "no_usage": "the limit, but no such route as usage",
    },
    "files": {
        "document": "the file",
        "shared": "one clip for all tasks, for benches with thousands of them",
        "exact": "the file, for who asks for its URL byte for byte as it was given; else 403",
    },
}

GENERAL: Final[dict[str, str]] = {
    "401": "401 invalid token",
    "quota": "403 insufficient_user_quota inside error",
    "quota_flat": "403 insufficient_user_quota, flat",
    "model_not_found": "503 model_not_found",
    "sensitive": "500 sensitive_words_detected",
    "inspection_200": "200 with DataInspectionFailed",
    "inspection_400": "400 with DataInspectionFailed",
    "inspection_500": "500 with DataInspectionFailed",
    "400": "400 invalid_request_error",
    "413": "413 with an HTML body",
    "429": "429 with Retry-After",
    "429_plain": "429 without Retry-After",
    "429_empty": "429 without Retry-After and without a body",
    "500": "500 with an error whose code is null",
    "500_int": "500 with an error whose code is an integer",
    "502": "502 with an HTML body",
    "503": "503 without model_not_found",
    "chinese": "500 with a Chinese message",
    "fetch_task": "500 fail_to_fetch_task, flat, with a raw upstream body",
    "success_false": "200 with success false and a message",
    "error_200": "200 with an error",
    "html": "200 with an HTML page",
    "garbage": "200 with JSON that can't be read",
    "array": "200 with JSON that is no object",
    "cut": "200 whose body breaks off before its Content-Length",
    "drop": "the connection is dropped before an answer; nothing was accepted",
    "hang": "no answer at all, the connection stays open",
}

_CHAT: Final = {
    "event_stream_error": "500, Content-Type text/event-stream, a bare JSON body",
    "unframed_error": "200, a PING, then an error line without data:",
    "mid_error": "data: {error} after some words, then [DONE]",
    "mid_garbage": "a data: line that is no JSON after some words",
    "mid_drop": "the socket is dropped after some words",
    "mid_stall": "nothing more comes after some words, the connection stays open",
    "no_finish": "all words, [DONE], but no finish_reason",
    "no_done": "all words and the end, no finish_reason and no [DONE]",
    "length": "finish_reason length after some words",
    "safety": "finish_reason SAFETY after some words",
    "odd_reason": "a finish_reason that nobody knows after some words",
    "bad_block": "one block in the middle is no JSON; the others are well",
    "choice_error": "an error inside the choice after some words",
    "content_filter": "finish_reason content_filter after some words",
    "no_words": "finish_reason stop without a word",
    "stream_options": "400 that names stream_options, while it is sent",
    "response_format": "400 that names response_format, while it is sent",
}
_EDITS: Final = {
    "no_json": "400: only a multipart form is taken",
    "no_form": "400: only JSON is taken",
}
_SUBMIT: Final = {
    "lost": "the task is accepted, then the connection is dropped",
    "lost_hang": "the task is accepted, no answer comes",
    "lost_500": "the task is accepted, the answer is a 500",
    "size": "400 that names size, while it is sent",
    "plain": "400 that names metadata, while it is sent",
    "document": "400 for every field that the document does not have",
}
_FILES: Final = {
    "403": "403, as an expired link",
    "404": "404",
    "500": "500 with an error whose code is null",
    "endless": "a good beginning, then bytes for ever",
    "slow": "a few bytes a second",
    "stall": "half of it, then nothing",
    "half": "half of it, then the connection is dropped",
    "wrong_type": "an HTML page that calls itself a picture or a clip",
    "other_type": "a ZIP file that calls itself a picture or a clip",
    "empty": "no bytes",
    "redirect": "a redirect to the file itself",
    "redirect_private": "a redirect to another port of this machine (visits are counted)",
    "redirect_metadata": "a redirect to 169.254.169.254",
    "redirect_file": "a redirect to file:///etc/hostname",
    "redirect_loop": "redirects without an end",
    "hang": "no answer at all, the connection stays open",
}

FAULTS: Final[dict[Route, dict[str, str]]] = {
    "chat": GENERAL | _CHAT,
    "images": GENERAL,
    "edits": GENERAL | _EDITS,
    "video.submit": GENERAL | _SUBMIT,
    "video.poll": GENERAL | {"task_not_exist": "400 task_not_exist"},
    "video.content": GENERAL | _FILES,
    "models": GENERAL,
    "billing": GENERAL,
    "files": _FILES,
}

OUTCOMES: Final[dict[str, str]] = {
    "succeeded": "a clip",
    "failed": "an ordinary failure",
    "inspection": "refused by the content policy (DataInspectionFailed)",
    "cancelled": "cancelled by the service",
    "expired": "expired at the service",
    "never": "it runs for ever",
    "gone": "task_not_exist from then on",
}
