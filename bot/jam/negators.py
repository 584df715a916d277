"""The words by which people and models say what shall not be seen, in the languages that are met most.

Patterns over `bot.jam.words.folded` text, of eight kinds (the names of `NEGATORS`' groups). What is not here is not
known: a language is better left out than guessed at.
"""

from __future__ import annotations

import re
from typing import Final

_BEGINS: Final = (
    r"(?:^|(?<=[.;:!?,(\[\"“”—–…])|(?<=[.;:!?,)\]\"“”—–…-]\ )|(?<=\bwe\ )|(?<=\b(?:and|but|you)\ )"
    r"|(?<=\b(?:then|must|will)\ )|(?<=\bshall\ )|(?<=\b(?:please|should)\ ))"
)
"""Where a verb is an order: "ignore the dragon", not "two cats ignore the dragon"."""

_HARMLESS: Final = (
    # English: idioms, and what says twice that something stays ("do not omit").
    (
        r"\b(?:do\ not|don't|without|never|must\ not|should\ not|cannot|can't)\ (?:\w+ly\ )?"
        r"(?:chang|alter|touch|modif|remov|omit|forget|ignor|obscur|leav(?:e|ing)\ out|miss|drop|skip|exclud)\w*"
    ),
    r"\bnot\ (?:far|only|just|merely|least|yet|quite|without|too|so|unlike|to\ be\ missed)\b",
    (
        r"\b(?:\w+n't|\w+\ not|not|never|cannot)\ (?:hear|notic|mind|disturb|bother|seem|know|car|fear|wak|reach|believ"
        r"|feel|scar|startl|burn|eat|hurt|spill|play|listen|lose|drop|blink|mov|fly|swim|fall|sleep|smil|stop|break"
        r"|see(?=\ (?:the|its|his|her|him|it|them)\b))(?:e|es|ed|s|ing)?\b"
    ),
    r"\bno(?:\ |-)(?:longer|less|doubt|matter|end|shortage|lack|sooner|wonder|more\ than|better|finer)\b",
    r"\b(?:no(?:\ |-)?one|nobody|no\ people)\ (?:in\ sight|around|about|else|is\ around)\b",
    r"\bnothing\ (?:but|less|more\ than|else|(?!is|was|has)\w{3,}s)\b",
    r"\bwithout\ (?:a\ |any\ )?(?:end|doubt|fail|exception|question|limit)\b",
    r"\bnever(?:-|\ before|\ far|\ end|\ fad|\ ceas)",
    # Chinese: words that only have the sign in them.
    r"不(?:远|遠|仅|僅|只|但|光|单|單|同|断|斷|停|禁|过|久|时|一样|息|朽|夜|灭|错|知|少|已|绝|尽)",
    r"不(?:可思议|可或缺|由|论|管|变|动|规则|锈)",
    r"(?:无|無)(?:数|數|尽|盡|辺|边|邊|垠|比|限|论|論|不|暇|瑕|声|聲|际|穷)",
    r"(?:淹|沉|出|隐|埋|吞)没|没(?:入|落)|非(?:凡|洲|常)|禁(?:不住|城)|永不\w{0,2}|勿忘(?:我|草)|莫(?:奈|高)",
    r"别(?:墅|致|样|具|人|的|有)|(?:特|分|区|告|离|级|个|差)别",
    r"(?:不要|别|勿|不能|不可)(?:改变|遗漏|忽略|忽视|去掉|删|丢|忘|漏|省略|移除|遮挡|少|破坏)",
    r"没有?(?:看见|看到|注意|发现|听见|听到|察觉|拔出|遮住|挡住|碰到|惊动|吵醒|打扰|停下|停止|忘记|松开|放下|离开)",
    r"除了[^。；！？]{1,20}?(?:还|也|更|又)|[看望瞧]不(?:到|见|見)(?:的|尽|盡|头|頭|边|邊|底)",
    # Japanese, Korean
    r"だけで(?:は)?なく|のみならず|(?:終わりの|果てし|限り|限りの|絶え間|変わら|間違い)な[いくき]",
    r"(?:何気|さりげ|少|危|切|はか|消え)な[いくき]",
    r"(?:끝|변함|수|한)없\w*|뿐만?\ ?아니라",
)

_ORDER: Final = (
    # English
    (
        r"\b(?:do\ not|don't|dont|must\ not|mustn't|should\ not|shouldn't|shall\ not|never)\ (?:\w+ly\ )?"
        r"(?:draw|paint|show|add|put|use|make|include|depict|render|have|let|allow|create|feature|contain|place|display"
        r"|mention|portray|picture|give|bring|generate|illustrate)\b"
    ),
    (
        rf"{_BEGINS}(?:do\ not|don't|never|avoid|omit|exclude|ignore|remove|skip|leave\ (?:out|away)|delete|erase|drop"
        r"|hide(?!\ and\b)"
        r"|forget|forbid|reject|disregard|cancel|stop|ban|get\ rid\ of)\b(?!-)"
    ),
    r"\b(?:negative|unwanted)(?:[\ _]prompt)?\ ?[:=]|(?<!\S)--no\b",
    r"\b(?:forbidden|banned|prohibited|excluded|absent|missing|not\ (?:allowed|included|shown|wanted))\ ?:",
    r"\brefrain\ from\b|\bi\ refuse\ to\b|\brefus(?:e|es|ing)\ to\ (?:draw|paint|show|include|add|depict)\b",
    r"\bleave\b(?=\ [^.;!?]{1,80}\bout\b)|\b(?:avoid|omit|skip|remove)\ ?:",
    r"\b(?:(?:we|i)(?:'ve|\ have)|having)\ (?:removed|omitted|left\ out|excluded|deleted|dropped)\b",
    # Chinese
    r"不要|不得|不许|不許|不准|不应|不該|不该|切勿|勿|禁止|严禁|嚴禁|甭|莫要|莫画|忽略|忽视|忽視|排除|去掉|去除",
    r"删除|刪除|删掉|移除|省略|略去|略过|舍弃|捨棄|剔除|避免|抹去|抛弃|取消|杜绝|杜絕|[别別]管|不画|不畫|不绘|不出现|不出現|不显示",
    r"不包括|不包含|不含|不需要|不允许|不允許|拒绝|拒絕|一律不|省去|除外|[别別](?:画|畫|让|讓|把|出|加|放|要|再|显|包|写|提|去)",
    r"(?:^|(?<=[。；！？，、：\s]))(?:请|請)?(?:无视|無視|跳过|跳過)",
    r"(?:负面|负向|反向|反面)提示词?\s?[：:]",
    # Spanish, French, Portuguese, Italian, German, Russian
    r"\b(?:no|nunca)\ (?:dibuj|pint|pong|muestr|incluy|añad|hag)\w*",
    (
        rf"{_BEGINS}(?:evit[ae]r?|omit[ae]|ignor[ae]|excluy[ae]|exclua|quita|elimin[ae]|évite[rz]?|omet(?:s|tez|ti|tre)"
        r"|ignorez|exclu(?:s|ez|re|i)|oublie[rz]?|supprime[rz]?|enlève|evitare|ignorare|togli)\b"
    ),
    r"\bne\ \w+\ (?:pas|aucune?|jamais)\b|\b(?:não|nunca)\ (?:desenh|pint|mostr|inclu|coloqu|faç)\w*",
    r"\bnon\ (?:disegn|dipinger|mostrar|includer|aggiunger|metter)\w*",
    rf"{_BEGINS}(?:vermeide|ignoriere|entferne|vergiss)\b",
    r"\bне\ (?:рису|показ|изобра|добав|включ)\w*|\b(?:избега|исключ|игнорир|убери|удали|забудь)\w*",
)

_DESCRIBES: Final = (
    # English
    (
        r"\b(?:hardly\ (?=an?\b|any\b)|no|without|neither|nor|nobody|nothing|none|zero|except(?:ing)?|excluding"
        r"|omitting|lacking|minus"
        r"|(?:instead|in\ place)\ of"
        r"|rather\ than|w/o|(?:free|devoid|empty)\ of|free\ from|leaving\ out|lacks?)\b(?!-)"
    ),
    # Chinese
    r"没有|沒有|没|沒|无|無|而不是|而非|并非|不是|不见|不見|除了|除去|除开|缺少|缺乏|不再|毫无|毫無|不带|不存在",
    r"[看找望瞧]不(?:到|见|見)",
    r"不能|不可|不用|代替|取代",
    # Spanish, French, German, Portuguese, Italian, Russian
    r"\b(?:sin|ningun[ao]?|ningún|excepto|ni|en\ (?:lugar|vez)\ de|nunca|jamás)\b",
    r"\b(?:pas|sans|jamais|aucune?|sauf)\b|\bau\ lieu\ d(?:e|es|u|')",
    r"\b(?:kein(?:e[nmrs]?)?|ohne|außer|statt|anstatt|anstelle|weder)\b",
    r"\b(?:sem|nem|nenhum[a]?|exceto|em\ vez\ de|jamais)\b",
    r"\b(?:senza|tranne|né|nessun[ao]?)\b|\binvece\ d(?:i|el|ella)\b",
    r"\b(?:нет|без|ни|кроме|вместо|никаки[ех])\b",
)

_VERB: Final = (
    r"\b(?:not|never|cannot|\w+n't|dont|(?:any|every)(?:thing|one)\ but|all\ but\ the)\b(?!-)",
    r"\b(?:nicht|niemals|não|non|не|никогда)\b",
)

_ENDS: Final = r"(?=\s*(?:[.,;!?)\]。，；！？、]|$))"

_BLUNT: Final = (
    # English
    (
        r"\b(?:ignore|remove|omit|disregard|delete|forget|drop|skip|exclude)\ "
        r"(?:(?:all|everything|anything)\ )?(?:of\ )?(?:the\ )?"
        r"(?:above|before|after|below|previous|earlier|else|others?|other\ ideas|rest|ideas)\b"
    ),
    (
        r"\b(?:(?:everything|anything|all)\ (?:else|before|after|above|below|that)|the\ following)\b[^.;!?]{0,30}"
        r"\b(?:ignored|omitted|removed|disregarded|left\ out)\b"
    ),
    # Chinese
    (
        r"(?:忽略|忽视|无视|無視|不管|不理|删除|删掉|去掉|跳过)[^。；！？]{0,3}"
        r"(?:以上|上述|上面|前面|之前|其他|其余|其它|别人|他人|所有|一切)"
    ),
    r"(?:以上|上述|上面|其余|其他|其它|前面|别人|想法)[^。；！？]{0,8}(?:不采用|不采纳|不要|不画|忽略|作废|无效|不算)",
)

_ORDER_AFTER: Final = (
    # English
    (
        r"\b(?:must|should|shall|may|can|will|is|are|to|do|does|did)(?:\ not|\ never|n't)\ (?:to\ )?"
        r"(?:be|wanted|welcome|needed|appear|drawn|shown|there|included|allowed|present|visible|part"
        r"|in\ the\ picture|exist)\b"
    ),
    (
        r"\b(?:is|are|be|being|gets?|stays?|remains?|was|were)\ (?:\w+\ )?(?:left\ (?:out|away)|omitted|excluded"
        r"|forbidden|banned|removed|ignored|absent|prohibited|erased|deleted|gone|missing)\b"
    ),
    r"\b(?:(?:is|are|was|were)\ )?nowhere\ (?:to\ be\ (?:seen|found)|in\ sight)\b|\bout\ of\ the\ question\b",
    r"\b(?:removed|omitted|excluded)(?=\s*[)\]])",
    r":\ ?(?:no|none|never)\b|\b(?:all|both|completely|entirely|now)\ (?:left\ out|omitted|removed|erased|gone)\b",
    # Chinese, Japanese, Korean
    r"(?:被|全部|都)(?:删除|移除|去掉|省略|忽略|排除|禁止)",
    (
        r"(?:不要|不必|不用|不能|不得|不许|不許|不可|不准|别|勿|并?不|并?未|没有?)(?:再|被)?"
        rf"(?:出现|出現|画出来|画出|画上|画|畫|存在|显示|顯示|保留|采用|采纳|入画|入镜|在场)了?{_ENDS}"
    ),
    rf"(?:都|也|全)(?:没有|没|不要|不画|不用|不算)了?{_ENDS}|(?:就|都)算了{_ENDS}|不在(?:了|其中|画面[里中]?)?{_ENDS}",
    r"(?:描か|入れ|出さ|登場し|登場させ|含め|含ま)(?:ない|ず)|描くな|入れるな|描いては(?:いけ|なら)ない",
    r"除(?:く|き|いて)|省(?:く|いて)|消して|無視し|抜き[でに]|なしで|無しで|ではなく|じゃなく|いらない",
    r"(?:그리|넣|포함하|보이|나오)지\ ?(?:마|말|않)\w*|빼고|제외\w*|말고|금지|무시\w*|대신|삭제\w*",
)

_DESCRIBES_AFTER: Final = (
    # English
    rf"\babsent(?:{_ENDS}|(?=\ (?:from|here)\b))|\bused\ to\ be\b",
    r"\bnot\ (?:included|shown|present|visible|depicted|drawn|wanted|needed|in\ the\ (?:picture|scene))\b(?!\ ?:)",
    (
        r"\b(?:has|have|had)\ (?:\w+ly\ |already\ |long\ since\ )?(?:left|gone|departed|vanished|disappeared|fled)\b"
        rf"(?:{_ENDS}|(?=\ the\ (?:picture|scene|image|frame)\b))"
    ),
    # Chinese
    rf"(?:[看找望瞧]?不(?:到|见|見)|不存在|已?消失|(?:已经?|早已)(?:离开|離開|飞走|飛走|走))了?{_ENDS}",
    # Japanese, Korean
    r"(?:い|が|は|も|の)(?:ない|無い|なし|無し|ません)|なしの",
    r"없(?:이|는|다|고|음|게|어)|아닌|지\ 않\w*",
)

_WORD_AFTER: Final = (r"(?<=\w)-free\b(?!-)",)

_WEIGHT: Final = (
    # Of image models' prompts: "(dragon:0)", "[dragon:0.0]", "dragon::-0.5"; not a time, and not "(dragon:0.5)".
    r"(?<=[^\W\d]):{1,2}\ ?(?:-[\d.]+|0+(?:\.0*)?|\.0+)(?=\s*(?:[)\]}>,;|]|$))",
    r"(?<=[^\W\d])::(?:-[\d.]+|0+(?:\.0*)?|\.0+)(?![\w.])",
)

NEGATORS: Final = re.compile(
    "|".join(
        f"(?P<{kind}>{'|'.join(patterns)})"
        for kind, patterns in (
            ("blunt", _BLUNT),
            ("harmless", _HARMLESS),
            ("order_weight_after", _WEIGHT),
            ("order_after", _ORDER_AFTER),
            ("order", _ORDER),
            ("word_after", _WORD_AFTER),
            ("describes_after", _DESCRIBES_AFTER),
            ("describes", _DESCRIBES),
            ("verb", _VERB),
        )
    )
)
"""`match.lastgroup` tells the kind.

blunt: said to who draws, of what is not named there. harmless: looks like one and is none. order: said to who draws,
of what comes after it; describes: said of the picture.
verb: so, too, and mostly of the next word ("never sleeps").
…_after: said of what stands before it; word: of one word; order_weight: of all in its brackets.
"""

TURN: Final = re.compile(r"\b(?:but(?! also)|only|just|yet|though|while|whereas|however)\b|而是|[只但却仅]")
"""From here on it is what shall be seen: not a dog but a cat."""
WITH: Final = re.compile(r"\s*(?:with|where|as|in|on|at|under|over|beneath|above|below|beside|behind|near|among)\b")
"""A piece after a comma that begins so goes on with the picture, not with the list of what is not in it."""
OR: Final = re.compile(r"\b(?:or|nor|ni|ou|oder|noch|nem|né|или)\b|或|和|、")
"""What comes after it is denied with what comes before."""
PORTUGUESE: Final = re.compile(r"\b(?:uma?|com|ao|nas?|das|nos)\b")
"""Where two of them are, "no" means "in the"."""
