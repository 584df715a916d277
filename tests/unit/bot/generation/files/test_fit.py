"""A clip made to fit, and a still: with the real ffmpeg."""

from __future__ import annotations

import asyncio
import base64
import importlib.util
import os
from pathlib import Path

import pytest
from PIL import Image

from bot.api.filetypes import content_type_of
from bot.generation.files import fit

HEIC = base64.b85decode(
    "0000SW^{RQXk}?*00000ZE0pPXk}?*ZE0a<00042ZDn*}000000000XXk=`10000000000aA{+700000000000000000000B57=I"
    "V*mgE07O6l0RRC200001dH?|c00000005@|001LtX>Mi!000000RR916=`l}WdZ;I000310BCk&F#rGn01j|zbZr0t000010002i"
    "X>f9I0002DX>en20001ZXm(>m0RwOV0058x000009`FGC{rLC*01pFT0096PKmiN^|NjGU00093kN^M!000939=ZZRVE_RDD?$MQ"
    "18@KU0|1Z!00RI30{|YNFo6Y@>PacCZUPz%2mk;B0LTCU0{{p>VgLaE2SfqEa<C#m0000JV{dG7ZewhC0096E00w{n000zeb8uw<"
    "00000003YB002M$000nhX?SS>000032nYxO000+haBX1#00000000310R({p0|Wp70IzLiVRQfh0HY`YuL<DcraTY@-G7Vw{tx>6"
    "r~b<F8sg@x)o^_a#tsLvE>eQmZ~7z-#Q2CHiuqTu7;b7WiVcHdhiU5<0nA^FlAk~PKQq?5K08}~jH@QBqFV7~WDwDgpnk5@nI=s<"
    "jLmKvtK>7+kkj^AtBgeiFGFB@uK{-ACQVsNOOSmD(3Cv?`2G(TuDLS7$N)mjS!^=CO)O^sG1+y^p<azB>i"
)
JXL = base64.b85decode(
    "{|XNW02PP=0Eh^+pCAAL6)K~Q8@!zB`SL@D#k7s<3~jY-VF_ciy)a0a08l_KOq?LMty|qS57q(!_&A=&7oZq@%#st_s6xRRr6wVx"
    "9hx~MolvyI+(21W2SULpxPSwy2iK;f#>hjKD}n8AhZw$|Igo7m*C9F(ngfxy{w0Y7=K(3FXB^fA1)k^}pD08-)|ti;cM0)%Uplkz"
    "5oCoxk^TI85q#V$SpguVW8p1aqhl38N_zm_BLU{Z8R8%nfIl1H`JWC|craO_#)~5~8n2Tt8pa)GEYBw1%_}1p$E<Z7>+2rRwiHTr"
    "4Sw2Q07xjpDI;GedjUormqUB82LJ$2pNPvpucnX!sc==M$h(W=@FtnZi7~6aWB@84-{P0zZr-I>qzEJW6-**WSgpsR0y^7+6Gi>="
    "lxdBikyiF3T<f8E-%8*CpKq>&uH%1u-(BE<*ea3Y&$OVbuzAoy7838tI9XtH#p97;&{2~%@3JBtn0fxqjHYAB?rL*#gAT-T710c3"
    "l%z_wKT4Kwo&BHENf^a=L9}aRMcPd%cH9~v@edi<fXXXs%v=qIzz!W!8W|if)AGsH|NoNW0NzOk)s+bTY)C|2pUW1}E}li)ad{zr"
    "X@w@I-6sTjA}2Ys$F8tK(6XT@V2n>Ao4d*iP06AK;?fK+ruaC*e>(6V^<07vBmGChAHu^0$Sct&eEA_x+YSH!NGx7R(TS;?00"
)
"""96 × 64 pixels: a red square on white, left of the middle."""


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two seconds of noise: the hardest thing to make small."""
    path = tmp_path_factory.mktemp("clip") / "clip.mp4"

    async def make() -> None:
        process = await asyncio.create_subprocess_exec(
            *(str(fit.ffmpeg()), "-loglevel", "error", "-y", "-f", "lavfi", "-i"),
            *("nullsrc=s=320x180:d=2:r=12,geq=random(1)*255:128:128", "-pix_fmt", "yuv420p", "-preset", "ultrafast"),
            str(path),
        )
        assert await process.wait() == 0

    asyncio.run(make())
    return path


async def test_a_clip_is_made_to_fit(clip: Path, tmp_path: Path) -> None:
    limit = clip.stat().st_size // 4
    target = tmp_path / "smaller.mp4"
    assert await fit.smaller_clip(clip, target, limit=limit)
    assert target.stat().st_size <= limit
    assert content_type_of(target.read_bytes()[:64]) == "video/mp4"
    described = await fit.described(target)
    assert described is not None
    assert described[2] == pytest.approx(2, abs=0.2)


async def test_without_ffmpeg_a_clip_is_left(clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fit, "ffmpeg", lambda: None)
    assert not await fit.smaller_clip(clip, tmp_path / "a.mp4", limit=clip.stat().st_size // 4)
    assert not await fit.still(clip, tmp_path / "a.jpg", limit=10_000_000)
    assert list(tmp_path.iterdir()) == []


def test_ffmpeg_is_the_extra_s_or_the_system_s(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "ffmpeg"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o700)
    monkeypatch.setenv("PATH", str(tmp_path))
    looked_for = fit.ffmpeg.__wrapped__
    with monkeypatch.context() as without_extra:
        without_extra.setattr(importlib.util, "find_spec", dict[str, object]().get)
        assert looked_for() == str(program)
        program.unlink()
        assert looked_for() is None
    assert "imageio_ffmpeg" in str(looked_for())


async def test_a_clip_that_would_be_mush_is_left(clip: Path, tmp_path: Path) -> None:
    target = tmp_path / "smaller.mp4"
    assert not await fit.smaller_clip(clip, target, limit=20_000)
    assert not target.exists()


async def test_a_still(clip: Path, tmp_path: Path) -> None:
    target = tmp_path / "still.jpg"
    assert await fit.still(clip, target, limit=10_000_000)
    assert content_type_of(target.read_bytes()[:64]) == "image/jpeg"


@pytest.mark.parametrize("content", [b"", b"\0\0\0\x20ftypisom" + b"\0" * 100, b"not a clip at all" * 50])
async def test_what_is_no_clip_fails_and_leaves_nothing(content: bytes, tmp_path: Path) -> None:
    source = tmp_path / "clip.mp4"
    source.write_bytes(content)
    assert not await fit.smaller_clip(source, tmp_path / "a.mp4", limit=1_000_000)
    assert not await fit.still(source, tmp_path / "a.jpg", limit=1_000_000)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["clip.mp4"]


async def test_a_clip_cannot_make_ffmpeg_read_other_files(tmp_path: Path) -> None:
    """A playlist is a clip to ffmpeg, and may name any file or address."""
    (tmp_path / "secret.txt").write_text("hush")
    source = tmp_path / "clip.mp4"
    source.write_text(f"#EXTM3U\n#EXTINF:1,\n{tmp_path}/secret.txt\nhttp://127.0.0.1:9/x.ts\n#EXT-X-ENDLIST\n")
    assert not await fit.smaller_clip(source, tmp_path / "a.mp4", limit=1_000_000)


async def test_it_is_ended_when_it_takes_too_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(fit, "STILL_SECONDS", 1)
    source = tmp_path / "clip.mp4"
    os.mkfifo(source)  # never read to its end
    assert not await fit.smaller_clip(source, tmp_path / "a.mp4", limit=1_000_000)
    assert "ffmpeg took longer than 1 s" in caplog.text


@pytest.mark.parametrize(("data", "content_type"), [(HEIC, "image/heic"), (JXL, "image/jxl")])
async def test_what_pillow_does_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, data: bytes, content_type: str
) -> None:
    assert content_type_of(data[:64]) == content_type
    source = tmp_path / "0.bin"
    source.write_bytes(data)
    made = await fit.as_png(source)
    assert made is not None
    with Image.open(made) as picture:
        assert (picture.format, picture.size, picture.mode) == ("PNG", (96, 64), "RGB")
        colours = [picture.getpixel(at) for at in ((24, 24), (80, 50))]
    assert colours == [pytest.approx((255, 0, 0), abs=12), pytest.approx((255, 255, 255), abs=12)]
    source.write_bytes(data[:100])
    made.unlink()
    monkeypatch.setattr(fit, "STILL_SECONDS", 2)  # ffmpeg looks for the rest of a JPEG XL as long as it is let
    assert await fit.as_png(source) is None
    assert [path.name for path in tmp_path.iterdir()] == ["0.bin"]
