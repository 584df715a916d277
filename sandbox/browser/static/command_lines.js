// A whole command in one text, as it is copied from a message: "/config set setting:style value:brief".

const MENTION = /^<(?:@[!&]?|#)(\d+)>$/;

/** The command that a text begins with, and what stands behind it; undefined while it may still be another one. */
export function commandOf(text, commands) {
  for (const command of commands) {
    for (const name of [command.shown, command.name]) {
      const begins = text.slice(0, name.length + 1).toLowerCase() === `/${name.toLowerCase()}`;
      if (begins && /\s/.test(text.charAt(name.length + 1))) return { command, rest: text.slice(name.length + 2) };
    }
  }
  return undefined;
}

/** What stands before the first `name:` of an option, and [option, text] of each: one counts where it first stands. */
export function parts(text, options) {
  const byName = new Map(options.flatMap((option) => [[option.name, option], [option.shown, option]]));
  if (!byName.size) return { before: text.trim(), given: [] };
  const names = [...byName.keys()].join("|"); // Discord allows no sign in a name that means something here.
  const marks = [];
  for (const mark of text.matchAll(new RegExp(`(?<!\\S)(${names}):`, "gu"))) {
    const option = byName.get(mark[1]);
    if (!marks.some((each) => each.option === option)) marks.push({ option, at: mark.index, from: mark.index + mark[0].length });
  }
  const given = marks.map(({ option, from }, at) => [option, text.slice(from, marks[at + 1]?.at).trim()]);
  return { before: text.slice(0, marks[0]?.at).trim(), given };
}

/** The choice that a text means: by its name or its value, or as a mention writes it. */
export function choiceOf(option, typed, known) {
  const every = option.choices.length ? option.choices : option.takes.flatMap((kind) => known[kind]);
  const whole = typed.toLowerCase();
  const bare = whole.replace(/^[@#]/, "");
  const id = MENTION.exec(typed)?.[1];
  const named = every.find(({ name }) => [whole, bare].includes(name.toLowerCase()));
  return named ?? every.find(({ value }) => value === (id ?? typed));
}
