"""`/config`: what moderators set, shown and changed wholly inside Discord.

`managers` says who may change what, `changes` is the one path of every change, `validity` what a value must be here.
`cards`, `panel`, `history` and `transfer` are what people see of it.
"""
