"""LaTeX → Unicode."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.kit.markdown.formulas import in_unicode, looks_like_one


@pytest.mark.parametrize(
    ("latex", "text"),
    [
        ("E = mc^2", "E = mc²"),
        (r"\frac{-b \pm \sqrt{b^2-4ac}}{2a}", "(−b ± √(b²−4ac))/(2a)"),
        (r"\sum_{i=1}^{n} i = \frac{n(n+1)}{2}", "∑ᵢ₌₁ⁿ i = n(n+1)/2"),
        (r"\int_0^\infty e^{-x^2}\,dx", "∫₀^∞ e^(−x²) dx"),
        (r"x \in \mathbb{R}^n", "x ∈ ℝⁿ"),
        (r"\lim_{x \to 0} \frac{\sin x}{x} = 1", "lim_(x → 0) (sin x)/x = 1"),
        (r"\vec{v} \cdot \hat{n}", "v⃗ · n̂"),
        (r"\left( \frac{a}{b} \right)", "(a/b)"),
        (r"\sqrt[3]{x}", "∛x"),
        (r"\frac{\partial B}{\partial t}", "∂B/∂t"),
        (r"90^\circ", "90°"),
        (r"f'(x)", "f′(x)"),
        (r"\frac12", "1/2"),
        (r"a_{n+1}=a_n+d", "aₙ₊₁=aₙ+d"),
        (r"\log_2 n", "log₂ n"),
        (r"\{1, 2\}", "{1, 2}"),
        (r"\text{速度} = \frac{\text{距离}}{\text{时间}}", "速度 = 距离/时间"),
        (r"\begin{aligned} a &= b \\ &= c \end{aligned}", "a = b\n= c"),
        (r"A \not\subset B", "A ⊄ B"),
        (r"x_{1,2} = \frac{dx}{dt}", "x₁,₂ = dx/dt"),
        (r"O(n\log n)", "O(n log n)"),
    ],
)
def test_what_is_simple_is_a_line_of_text(latex: str, text: str) -> None:
    assert in_unicode(latex) == text


@pytest.mark.parametrize(
    "latex",
    [
        r"\begin{pmatrix} a & b \\ c & d \end{pmatrix}", r"\overbrace{a}", "x^", "{", "}", r"\frac{a}", r"\unknown{x}",
        r"\sqrt[n]{x}", "x" * 700, "{" * 50 + "}" * 50,
    ],
)  # fmt: skip
def test_what_is_not_is_none(latex: str) -> None:
    assert in_unicode(latex) is None


@given(st.text(alphabet=r"\{}^_ab12 fracsqrtlefgh()[]|&%$", max_size=200))
def test_any_text_ends(latex: str) -> None:
    in_unicode(latex)


@pytest.mark.parametrize("inner", ["x", "n+1", "a = b", "x^2", "x_i", r"\alpha", "O(n)", "2x+1=5", "|x|", "f(x)"])
def test_formulas(inner: str) -> None:
    assert looks_like_one(inner)


@pytest.mark.parametrize(
    "inner", ["5", "100", "5-", "HOME/", "PATH", "foo bar", "total", "snake_case", "A or B", "x, y", "5 到"]
)
def test_prices_and_names_are_none(inner: str) -> None:
    assert not looks_like_one(inner)
