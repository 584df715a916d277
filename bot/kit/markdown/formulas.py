"""LaTeX → Unicode, where it stays readable on one line; everything else is shown as code by the caller.

All or nothing: a command that is not known here makes the whole formula code, since half of it would mislead.
"""

from __future__ import annotations

import re
from typing import Final

LONGEST: Final = 600
"""Characters of a formula that is looked at."""
_DEEPEST: Final = 12


def in_unicode(latex: str) -> str | None:
    r"""`\frac{a}{b} \leq x^2` → `a/b ≤ x²`, with a line for each line of an aligned one. None: it is not simple."""
    if len(latex) > LONGEST:
        return None
    inner = _ENVIRONMENT.fullmatch(latex.strip())
    rows = _ROW_END.split(inner[2]) if inner else [latex]
    try:
        lines = [_Reader(row.replace("&", " ") if inner else row).read() for row in rows if row.strip()]
    except _NotSimpleError:
        return None
    return "\n".join(lines) or None


def looks_like_one(inner: str) -> bool:
    """Whether what stands between two dollar signs is a formula, and no price and no name of a variable."""
    if _TEX.search(inner):
        return True
    if _WORDS.search(inner):
        return False
    return _PLAIN.fullmatch(inner) is not None


def is_marked(inner: str, *, display: bool) -> bool:
    r"""Whether what stands between `\(` and `\)`, or between `\[` and `\]`, is a formula: in prose, these may be
    brackets that were escaped.
    """
    if display:
        return _TEX.search(inner) is not None or "=" in inner
    return inner.strip().isdigit() or looks_like_one(inner.strip())


def superscript(text: str) -> str | None:
    """`text` raised; None: a character of it can't be."""
    return _shifted(text, _SUPER)


def subscript(text: str) -> str | None:
    return _shifted(text, _SUB)


class _NotSimpleError(Exception):
    """The formula is no line of text."""


class _Reader:
    def __init__(self, latex: str) -> None:
        self._signs = _TOKEN.findall(latex)
        self._at = 0

    def read(self) -> str:
        return _tidy(self._until("", 0))

    def _until(self, end: str, depth: int) -> str:
        if depth > _DEEPEST:
            raise _NotSimpleError
        parts: list[str] = []
        while self._at < len(self._signs):
            sign = self._signs[self._at]
            self._at += 1
            if end and sign == end:
                return "".join(parts)
            if sign in "^_":
                parts.append(self._shift(sign, depth))
            else:
                said = self._one(sign, depth)
                apart = sign[1:] in _FUNCTIONS and parts and parts[-1][-1:].isalnum()
                parts.append(f" {said}" if apart else said)
        if end:
            raise _NotSimpleError
        return "".join(parts)

    def _one(self, sign: str, depth: int) -> str:
        if sign == "{":
            return self._until("}", depth + 1)
        if sign in "}&#%$" or sign == "\\\\":
            raise _NotSimpleError
        if not sign.startswith("\\"):
            return " " if sign.isspace() else _LOOKS.get(sign, sign)
        name = sign[1:]
        if name in _SYMBOLS:
            return _SYMBOLS[name]
        if name in _FUNCTIONS:
            return f"{name} " if self._next() not in ("^", "_", "(", "{", "\\left", "") else name
        if name in _NOTHING:
            return ""
        if name in _SPACED:
            return " "
        if name in ("left", "right", *_SIZES):
            return self._delimiter()
        return self._command(name, depth)

    def _command(self, name: str, depth: int) -> str:
        if name in ("frac", "dfrac", "tfrac", "cfrac"):
            above, below = self._argument(depth), self._argument(depth)
            return f"{_grouped(above, _ONE_TERM)}/{_grouped(below, _ONE_FACTOR)}"
        if name in ("binom", "dbinom"):
            return f"C({self._argument(depth)}, {self._argument(depth)})"
        if name == "sqrt":
            root = _ROOTS.get(self._optional(depth))
            inner = self._argument(depth)
            if root is None:
                raise _NotSimpleError
            return root + (inner if len(inner) == 1 or inner.isdigit() else f"({inner})")
        if name in _AS_IT_IS:
            return self._argument(depth)
        if name in ("mathbb", "mathcal"):
            letters = _DOUBLE if name == "mathbb" else _SCRIPT
            inner = self._argument(depth)
            if any(letter not in letters for letter in inner):
                raise _NotSimpleError
            return "".join(letters[letter] for letter in inner)
        if name in _ACCENTS:
            inner = self._argument(depth)
            if len(inner) != 1:
                raise _NotSimpleError
            return inner + _ACCENTS[name]
        if name in ("pmod", "bmod"):
            return f" (mod {self._argument(depth)})" if name == "pmod" else " mod "
        if name == "not" and self._next() in _NEGATED:
            self._at += 1
            return _NEGATED[self._signs[self._at - 1]]
        raise _NotSimpleError

    def _shift(self, sign: str, depth: int) -> str:
        inner = self._argument(depth).strip()
        if sign == "^" and inner in ("∘", "°"):
            return "°"
        if sign == "^" and set(inner) == {"′"}:
            return inner
        shifted = _shifted(inner.replace(" ", ""), _SUPER if sign == "^" else _SUB)
        if shifted is not None:
            return shifted
        return sign + (inner if len(inner) == 1 else f"({inner})")

    def _argument(self, depth: int) -> str:
        while self._next().isspace():
            self._at += 1
        sign = self._next()
        if not sign or sign in "^_":
            raise _NotSimpleError
        self._at += 1
        return self._one(sign, depth + 1)

    def _optional(self, depth: int) -> str:
        if self._next() != "[":
            return ""
        self._at += 1
        return self._until("]", depth + 1)

    def _delimiter(self) -> str:
        sign = self._next()
        self._at += 1
        if sign == ".":
            return ""
        if sign in ("(", ")", "[", "]", "|", "/", "<", ">"):
            return sign
        return _SYMBOLS[sign[1:]] if sign[1:] in _DELIMITERS else self._unknown()

    def _unknown(self) -> str:
        raise _NotSimpleError

    def _next(self) -> str:
        return self._signs[self._at] if self._at < len(self._signs) else ""


def _grouped(part: str, alone: re.Pattern[str]) -> str:
    part = _tidy(part)
    return part if alone.fullmatch(part) else f"({part})"


def _tidy(said: str) -> str:
    return _TIGHT.sub(lambda match: match[0].strip(), _SPACES.sub(" ", said).strip())


def _shifted(text: str, letters: dict[str, str]) -> str | None:
    if not text or any(letter not in letters for letter in text):
        return None
    return "".join(letters[letter] for letter in text)


def _pairs(said: str) -> dict[str, str]:
    """`name sign` by name: what is written here as a person would read it."""
    words = said.split()
    return dict(zip(words[::2], words[1::2], strict=True))


_TOKEN: Final = re.compile(r"\\[A-Za-z]+|\\\\|\\.|\s+|.", re.DOTALL)
_TEX: Final = re.compile(
    r"\\[A-Za-z]{2}|(?:[A-Za-z0-9)}\]]\^|(?<![A-Za-z0-9])[A-Za-z]'?_)\{?[A-Za-z0-9+\-\\*(]|\\[,;{}|%]"
)
_WORDS: Final = re.compile(r"(?<![A-Za-z\\])(?!(?:sin|cos|tan|log|exp|max|min|lim|mod)\b)[A-Za-z]{3,}|[^\x00-\x7f]")
_PLAIN: Final = re.compile(
    r"[A-Za-z]{1,2}'*|[A-Za-z]\([^()]*\)|\|[^|$]{1,40}\||[^\s,.;:$]{1,40} ?[=<>+*/-] ?[^,;:$]{1,80}(?<![\s=<>+*/-])"
)
_ENVIRONMENT: Final = re.compile(
    r"\\begin\{(equation|align|aligned|gather|gathered|split|multline)\*?\}(.*)\\end\{\1\*?\}", re.DOTALL
)
_ROW_END: Final = re.compile(r"\\\\(?:\[[^\]]*\])?")
_SPACES: Final = re.compile(r"\s+")
_TIGHT: Final = re.compile(r"[(∂] | [)]")
_ONE_FACTOR: Final = re.compile(
    r"\d+|[d∂]?[^\W\d_][\u0300-\u0338\u20d7′²³¹⁰-ⁿ₀-ₜᵃ-ᶿ]*|[\u3400-\u9fff]+|\([^()]*\)|[^\W\d_]\([^()]*\)"
)
_ONE_TERM: Final = re.compile(r"[^\s+\-−±/*·×=<>(),]+|\([^()]*\)|[^\s+\-−±/*·×=<>(),]*\([^()]*\)")

_LOOKS: Final = {"-": "−", "'": "′", "*": "∗", "~": " "}
_FUNCTIONS: Final = frozenset({
    "sin", "cos", "tan", "cot", "sec", "csc", "arcsin", "arccos", "arctan", "sinh", "cosh", "tanh", "log", "ln",
    "lg", "exp", "lim", "max", "min", "sup", "inf", "det", "dim", "ker", "gcd", "arg", "deg", "Pr", "hom", "limsup",
    "liminf",
})  # fmt: skip
_NOTHING: Final = frozenset(["displaystyle", "textstyle", "limits", "nolimits", "!", "mathstrut", "nonumber"])
_AS_IT_IS: Final = frozenset({
    "text", "textrm", "textbf", "textit", "mbox", "mathrm", "mathbf", "mathit", "mathsf", "boldsymbol", "bm",
    "operatorname", "boxed",
})  # fmt: skip
_SPACED: Final = frozenset([",", ";", ":", ">", " ", "quad", "qquad", "\n", "thinspace", "enspace"])
_SIZES: Final = ("big", "Big", "bigg", "Bigg", "bigl", "bigr", "Bigl", "Bigr", "biggl", "biggr", "middle")
_DELIMITERS: Final = frozenset(
    ["{", "}", "|", "lbrace", "rbrace", "langle", "rangle", "lfloor", "rfloor", "lceil", "rceil", "vert", "Vert"]
)
_SYMBOLS: Final = _pairs(
    r"""
    alpha α beta β gamma γ delta δ epsilon ε varepsilon ε zeta ζ eta η theta θ vartheta ϑ iota ι kappa κ lambda λ mu μ
    nu ν xi ξ omicron ο pi π varpi ϖ rho ρ varrho ϱ sigma σ varsigma ς tau τ upsilon υ phi φ varphi φ chi χ psi ψ
    omega ω Gamma Γ Delta Δ Theta Θ Lambda Λ Xi Ξ Pi Π Sigma Σ Upsilon Υ Phi Φ Psi Ψ Omega Ω
    sum ∑ prod ∏ coprod ∐ int ∫ iint ∬ iiint ∭ oint ∮ infty ∞ partial ∂ nabla ∇ hbar ℏ ell ℓ Re ℜ Im ℑ aleph ℵ
    pm ± mp ∓ times × div ÷ cdot · ast ∗ star ⋆ circ ∘ bullet • oplus ⊕ ominus ⊖ otimes ⊗ odot ⊙ dagger † wedge ∧
    vee ∨ land ∧ lor ∨ lnot ¬ neg ¬ cap ∩ cup ∪ setminus ∖ bigcap ⋂ bigcup ⋃ bigoplus ⨁ bigotimes ⨂
    leq ≤ le ≤ geq ≥ ge ≥ leqslant ≤ geqslant ≥ neq ≠ ne ≠ approx ≈ equiv ≡ sim ∼ simeq ≃ cong ≅ propto ∝ ll ≪ gg ≫
    in ∈ notin ∉ ni ∋ subset ⊂ subseteq ⊆ subsetneq ⊊ supset ⊃ supseteq ⊇ emptyset ∅ varnothing ∅ mid ∣ nmid ∤
    parallel ∥ perp ⊥ prec ≺ succ ≻ lt < gt > models ⊨ vdash ⊢ forall ∀ exists ∃ nexists ∄ therefore ∴ because ∵
    to → rightarrow → longrightarrow ⟶ leftarrow ← gets ← leftrightarrow ↔ Rightarrow ⇒ Leftarrow ⇐ implies ⟹ iff ⟺
    Leftrightarrow ⇔ Longrightarrow ⟹ Longleftrightarrow ⟺ mapsto ↦ uparrow ↑ downarrow ↓ rightleftharpoons ⇌
    hookrightarrow ↪ nearrow ↗ searrow ↘
    ldots … dots … cdots ⋯ vdots ⋮ ddots ⋱ dotsc … dotsb ⋯ prime ′ angle ∠ degree ° triangle △ square □ blacksquare ■
    Box □ checkmark ✓ langle ⟨ rangle ⟩ lfloor ⌊ rfloor ⌋ lceil ⌈ rceil ⌉ lbrace { rbrace } vert | Vert ‖ | ‖ { { } }
    % % $ $ # # & & _ _ top ⊤ bot ⊥ colon : imath ı jmath ȷ surd √ backslash \
    """
)
_NEGATED: Final = {"=": "≠", "\\in": "∉", "<": "≮", ">": "≯", "\\subset": "⊄", "\\exists": "∄", "\\equiv": "≢"}
_ROOTS: Final = {"": "√", "2": "√", "3": "∛", "4": "∜"}
_ACCENTS: Final = {
    "hat": "\u0302", "bar": "\u0304", "overline": "\u0305", "vec": "\u20d7", "dot": "\u0307", "ddot": "\u0308",
    "tilde": "\u0303", "underline": "\u0332",
}  # fmt: skip
_DOUBLE: Final = dict(zip("CHNPQRZEFKABDI1", "ℂℍℕℙℚℝℤ𝔼𝔽𝕂𝔸𝔹𝔻𝕀𝟙", strict=True))
_SCRIPT: Final = dict(zip("ABCDEFGHILMNOPRSTUVW", "𝒜ℬ𝒞𝒟ℰℱ𝒢ℋℐℒℳ𝒩𝒪𝒫ℛ𝒮𝒯𝒰𝒱𝒲", strict=True))
_SUPER: Final = dict(
    zip(
        ",0123456789+-−=()abcdefghijklmnoprstuvwxyzABDEGHIJKLMNOPRTUVWαβγδθ",
        ",⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂᵅᵝᵞᵟᶿ",
        strict=True,
    )
)
_SUB: Final = dict(
    zip(",0123456789+-−=()aehijklmnoprstuvxβγρφχ", ",₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦᵧᵨᵩᵪ", strict=True)
)
