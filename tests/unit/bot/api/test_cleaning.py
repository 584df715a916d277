"""What people read of the service's own words."""

from __future__ import annotations

import time

import pytest

from bot.api.cleaning import readable

REQUEST = "2026011510300012345678Ab"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("Input data may contain inappropriate content.", "Input data may contain inappropriate content"),
        ("n must be between 1 and 4 (param: n)", "n must be between 1 and 4"),
        ("413 pixels are too few", "413 pixels are too few"),
        ("Not found: the voice “Ada”", "the voice “Ada”"),
        ("Error in the prompt", "Error in the prompt"),
        ("input/output ratio is wrong", "input/output ratio is wrong"),
        # where in the request
        ("is wrong (param: body.size)", "size: is wrong"),
        ("the size is wrong (param: body.size)", "the size is wrong"),
        ("body.size: is wrong", "size: is wrong"),
        ("messages[0].content: too long", "content: too long"),
        ("messages.0.content.1.image_url: not an image", "image_url: not an image"),
        ("`body.parameters.size` is wrong", "`size` is wrong"),
        ("$.input.size must be a string", "size must be a string"),
        ("#/properties/size is wrong", "size is wrong"),
        ("body -> size: is wrong", "size: is wrong"),
        ("参数 body.size 错误", "参数 size 错误"),
        ('[{"type":"missing","loc":["body","size"],"msg":"Field required"}]', "size: Field required"),
        ('{"errors":[{"field":"size","message":"is wrong"}]}', "size: is wrong"),
        (
            (
                "1 validation error for Order\nsize\n Input should be 'a' [type=enum, input_value='b']\n For further "
                "information visit https://errors.pydantic.dev/2.5/v/enum"
            ),
            "size Input should be 'a'",
        ),
        ("size must be like 1280*720, got '720p'", "size must be like 1280*720, got '720p'"),
        ("The ratio 16:9 is not one of 1:1, 4:3", "The ratio 16:9 is not one of 1:1, 4:3"),
        ("wan2.7-t2v makes 2 to 15 s, e.g. 5 s", "wan2.7-t2v makes 2 to 15 s, e.g. 5 s"),
        ("输入内容包含敏感信息，请修改后重试。", "输入内容包含敏感信息，请修改后重试"),
        # request ids
        (f"Invalid size (request id: {REQUEST})", "Invalid size"),
        (f"Invalid size （请求ID：{REQUEST}）", "Invalid size"),
        ("Invalid size, request_id=8f2b-11, traceid: 77aa", "Invalid size"),
        ("Invalid size. Request ID: req_0123456789abcdef", "Invalid size"),
        ("Task 148e2f0a-7d6c-4a1b-9f00-0123456789ab has an invalid size", "Task has an invalid size"),
        # class names and codes
        ("litellm.BadRequestError: OpenAIException - n must be 1", "n must be 1"),
        ("NotFoundError: no such voice", "no such voice"),
        ("openai.BadRequestError: Error code: 400 - {'error': {'message': 'bad size', 'code': 'x'}}", "bad size"),
        (
            "<400> InternalError.Algo.InvalidParameter: Range of seed should be [0, 10]",
            "Range of seed should be [0, 10]",
        ),
        ("task failed, code: InvalidParameter.Size, message: the size is wrong", "the size is wrong"),
        ("InvalidParameter: the size is wrong", "the size is wrong"),
        ("new_api_error: the size is wrong", "the size is wrong"),
        ("status code 400: the size is wrong", "the size is wrong"),
        ("400 Bad Request: the size is wrong", "the size is wrong"),
        ("Error 400: the size is wrong", "the size is wrong"),
        ("Error: the size is wrong", "the size is wrong"),
        ("[1210] the size is wrong", "the size is wrong"),
        ("E1210: the size is wrong", "the size is wrong"),
        ("INVALID_ARGUMENT: the size is wrong", "the size is wrong"),
        ("ERR_INVALID_SIZE: the size is wrong", "the size is wrong"),
        ("rpc error: code = InvalidArgument desc = the size is wrong", "the size is wrong"),
        ("ValueError('the size is wrong')", "the size is wrong"),
        ("code=400, msg=the size is wrong", "the size is wrong"),
        ("错误码：1210，尺寸不合法", "尺寸不合法"),
        ("状态码 400 尺寸不合法", "尺寸不合法"),
        # addresses
        ("see https://help.aliyun.com/zh/x?a=1 for the sizes", "see for the sizes"),
        ("the size is wrong, see docs.example.com/a/b", "the size is wrong, see"),
        ("no image at http://10.0.3.7:3000/v1/x.png", "no image at"),
        ("the worker 10.0.3.7:8080 refused the size", "the worker refused the size"),
        ("the worker new-api:3000 refused the size", "the worker refused the size"),
        ("the worker [fd00:1:2:3::7]:80 refused the size", "the worker refused the size"),
        ("ask admin@corp.example.com about sizes", "ask about sizes"),
        ("wrong size in /srv/app/relay/ali.go:12", "wrong size in"),
        # keys
        ("the key sk-abcdefgh12345678 may not use this size", "the key may not use this size"),
        ("Bearer abcd may not use this size", "may not use this size"),
        # insides of gateways
        ("size not allowed under group default (distributor)", "size not allowed"),
        ("size not allowed for channel #12", "size not allowed"),
        ("分组 vip 下的尺寸不对（渠道 #7）", "尺寸不对"),
        ("upstream error: the size is wrong", "the size is wrong"),
        ("bad size\nReceived Model Group=gpt-image-1\nAvailable Model Group Fallbacks=None", "bad size"),
        # wrapped
        ('{"error":{"message":"bad size (request id: 20260115)","type":"new_api_error"}}', "bad size"),
        ('{"message":"{\\"message\\":\\"尺寸不对\\",\\"code\\":\\"x\\"}"}', "尺寸不对"),
        # traces
        ('Traceback (most recent call last):\n  File "/app/x.py", line 3, in f\nValueError: bad size', "bad size"),
        ("bad size\ngoroutine 1 [running]:\nmain.main()\n\t/app/x.go:1", "bad size"),
        ("bad size\n    at Object.run (/app/x.js:1:2)", "bad size"),
        # nothing is left
        ("DataInspectionFailed", ""),
        ("invalid_parameter", ""),
        ("upstream_error", ""),
        (f"(request id: {REQUEST})", ""),
        ("dial tcp 10.0.0.3:443: connect: connection refused", ""),
        ("https://example.com/x", ""),
        ('{"code":"InternalError","request_id":"8f2b"}', ""),
        ("<html><body>400</body></html>", ""),
        ("413 Request Entity Too Large", ""),
        ("<html><head><title>413 Request Entity Too Large</title></head></html>", ""),
        ("HTTP/1.1 400 Bad Request", ""),
        ("Unprocessable Entity", ""),
        ("Internal Server Error", ""),
        ("Error 400", ""),
        ("Unknown error", ""),
        ("An unexpected error occurred.", ""),
        ("服务器内部错误", ""),
        ("nginx/1.18.0", ""),
        ("…", ""),
        ("", ""),
    ],
)
def test_readable(words: str, said: str) -> None:
    assert readable(words) == said


@pytest.mark.parametrize(
    "piece",
    ["a", "a.", "-", "a-", "a:", "/a", "(", "{", "[", "<a ", "A", "Aa", "request id ", "1.", "f:", "a@", "sk-a",
     "channel ", " ", "code: ", "分组 ", "渠道",
     '"message": "', "body.", "body[1]", "messages", "$.a", "#/a/", "AError(", "[type=", "a -> ", "400 ", "Not Found: ",
     "Error: ", "A_A", "(param: ", "Aa.Aa.", "_a", "a_", "dial ", "group a "],
)  # fmt: skip
def test_hostile_words_take_no_time(piece: str) -> None:
    began = time.process_time()
    readable(piece * (100_000 // len(piece)))
    assert time.process_time() - began < 0.1
