"""The sandbox as a page: what members see, in the browser, and everything that they can press and type.

`server` serves it, to whom `door` lets in. A `windows.Window` is one person's eyes on one place; it stands in the
address. `messages`, `places` and `options` say what is seen there, `templates/` how, `words` in which language;
`live` tells what changes, `acting` does what is pressed and typed. `markdown` makes people's texts HTML, `files` serves
what they attach. `panel` shows the wires, from `traffic`, with `switches` for shapes and faults.
In static/, `app.js` starts the parts of the page, a file each.
"""
