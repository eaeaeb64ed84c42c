// What groups are called on the map, in few letters.

/** Letters of the words beside a group's number, at most. */
const MOST_LETTERS = 22;

/** What is not said beside a number: it needs the rest of its sentence. */
const NOT_SHORT = / (in the|at the|than the) |\b(varies|changes)\b/;

/**
 * The texts that each group may have on the map, the longest first. A name that somebody gave
 * stays. A number gets words, as in "3 · noisy, short", but only such as no other group has.
 */
function shortNames(data) {
  const phrases = new Map(data.groups.map((group) => [group.number, phrasesOf(group)]));
  const times = new Map();
  for (const phrase of [...phrases.values()].flat()) times.set(phrase, (times.get(phrase) ?? 0) + 1);
  return new Map(data.groups.map((group) => {
    const full = groupName(data, group.number);
    if (full === group.name || group.number < 0) return [group.number, [full]];
    const own = phrases.get(group.number).filter((phrase) => times.get(phrase) === 1);
    const fitting = [own.slice(0, 2).join(", "), own[0] ?? ""]
      .find((words) => words !== "" && words.length <= MOST_LETTERS);
    return [group.number, [...(fitting ? [`${group.name} · ${fitting}`] : []), full, group.name]];
  }));
}

/** The first two phrases that say what a group is like, each in a word or few. */
function phrasesOf(group) {
  return group.words.split(";")[0].split(", ").map((phrase) => phrase.trim())
    .filter((phrase) => phrase !== "" && !NOT_SHORT.test(phrase)).slice(0, 2);
}
