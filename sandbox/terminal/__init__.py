"""The sandbox in a terminal.

`command_lines`, `places` and `form_lines` say what a typed line means: a command, a place, a menu's or form's values.
`session` knows who types where, and what each word does; `playing` gives it its lines, which come from `line_input`.
"""
