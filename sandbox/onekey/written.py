"""An answer with all that models write and Discord does not show: tables, formulas, deep headings, images, HTML."""

from __future__ import annotations

from typing import Final

TEXT: Final = r"""## How light bends

The angle of refraction follows from $n_1 \sin\theta_1 = n_2 \sin\theta_2$, where \(n\) is the refractive index. Two
prisms cost $5 and $10.

#### Measured values

| Material | $n$ | Speed of light | Note |
|:---------|----:|---------------:|:-----|
| Vacuum | 1 | 299 792 km/s | **by definition** |
| Water | 1.33 | 225 408 km/s | at 20 °C |
| Diamond | 2.42 | 123 881 km/s | `brilliant` |

| Year | Who | What was found | Where it was published first |
|---|---|---|---|
| 984 | Ibn Sahl | The law of refraction, for burning lenses | On Burning Mirrors and Lenses |
| 1621 | Willebrord Snellius | The law again, by measuring angles | In letters, not in print |

$$
\frac{\sin\theta_1}{\sin\theta_2} = \frac{v_1}{v_2} = \frac{n_2}{n_1}
$$

As a matrix:

\[
\begin{pmatrix} y_2 \\ \theta_2 \end{pmatrix} = M \begin{pmatrix} y_1 \\ \theta_1 \end{pmatrix}
\]

---

```python
from math import asin, sin

def refracted(angle: float, n1: float, n2: float) -> float:
    return asin(n1 / n2 * sin(angle))  # | not | a | table |
```

1. [x] Measure the angle
2. [ ] Look up the index
   - in a table[^1]
   - or in the [data sheet](https://example.com/data.pdf)

![A prism](https://example.com/prism.png)

<details><summary>More</summary>

Water is H<sub>2</sub>O. Press <kbd>Ctrl</kbd>+<kbd>F</kbd> in [example.org](https://evil.example/login) to find it.
</details>

[^1]: For yellow light of 589 nm.
"""
CHINESE: Final = r"""## 光的折射

折射角满足 $n_1 \sin\theta_1 = n_2 \sin\theta_2$，其中 \(n\) 为折射率。两个棱镜的价格分别是 $5 和 $10。

#### 测量值

| 介质 | $n$ | 光速 | 说明 |
|:-----|----:|-----:|:-----|
| 真空 | 1 | 299 792 km/s | **按定义** |
| 水 | 1.33 | 225 408 km/s | 20 °C 时 |
| 金刚石 | 2.42 | 123 881 km/s | `明亮式切割` |

| 年份 | 发现者 | 发现的内容 | 最早发表于何处 |
|---|---|---|---|
| 984 | 伊本·沙尔 | 为制作聚光透镜而得出的折射定律 | 《论燃烧镜与透镜》，手稿 |
| 1621 | 威理博·斯涅尔 | 通过测量角度再次得出该定律 | 仅见于书信，生前未付印 |

$$
\frac{\sin\theta_1}{\sin\theta_2} = \frac{v_1}{v_2} = \frac{n_2}{n_1}
$$

写成矩阵：

\[
\begin{pmatrix} y_2 \\ \theta_2 \end{pmatrix} = M \begin{pmatrix} y_1 \\ \theta_1 \end{pmatrix}
\]

---

```python
from math import asin, sin

def refracted(angle: float, n1: float, n2: float) -> float:
    return asin(n1 / n2 * sin(angle))  # | 不是 | 表格 |
```

1. [x] 测量角度
2. [ ] 查折射率
   - 查表[^1]
   - 或查阅[数据手册](https://example.com/data.pdf)

![棱镜](https://example.com/prism.png)

<details><summary>更多</summary>

水是 H<sub>2</sub>O。在 [example.org](https://evil.example/login) 中按 <kbd>Ctrl</kbd>+<kbd>F</kbd> 查找。
</details>

[^1]: 波长 589 nm 的黄光。
"""
