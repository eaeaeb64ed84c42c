// The groups as a list.

const MOST_REPRESENTATIVES = 4;

/** Make the list of groups. */
function createClusters(data, store, player) {
  const words = wordsOf(data);
  const toggles = new Map();
  const list = element("ul", {class: "groups"});
  const entries = [];
  // Units have no order but that of their places, which are on the grid: the fullest come first.
  const groups = data.kind === "map" ? [...data.groups].sort((a, b) => b.items.length - a.items.length) : data.groups;
  for (const group of groups) {
    const only = element("button", {
      type: "button", class: "quiet", "aria-pressed": "false", "aria-label": `Only ${groupName(data, group.number)}`,
      onclick: () => store.set({group: store.state.group === group.number ? null : group.number}),
    }, "Only");
    toggles.set(group.number, only);
    const entry = groupItem(data, store, player, group, groups.length > 1 ? only : null, words);
    entries.push([group, entry]);
    list.append(entry);
  }
  store.on(["matches"], ({matches}) => {
    for (const [group, entry] of entries) {
      entry.classList.toggle("is-without", matches !== null && !group.items.some((item) => matches[item] === 1));
    }
  });
  store.on(["group"], () => {
    for (const [number, toggle] of toggles) toggle.setAttribute("aria-pressed", String(store.state.group === number));
  });
  return list;
}

/** A group: its mark, name, size and words, what is typical of it, and what one can do. */
function groupItem(data, store, player, group, only, words) {
  const name = groupName(data, group.number);
  const size = `${counted(group.items.length, words.item, words.items)}, ${lengthText(totalLength(data, group.items))}`;
  const typical = group.representatives.slice(0, MOST_REPRESENTATIVES).map((item) =>
    element("li", {}, element("button", {
      type: "button", class: "chip", title: itemTitle(data, item),
      onclick: () => { store.set({selected: item}); player.play(item); },
    }, icon("play"), element("span", {class: "one-line"}, itemTitle(data, item)))));
  return element("li", {class: "group"},
    element("div", {class: "group-head"},
      glyph(data, group.number),
      element("h3", {class: "group-name"}, name),
      only,
      playAllButton(`Play all of ${name}`, () => player.playAll(group.items, name),
        {disabled: group.items.length === 0})),
    element("p", {class: "group-size muted numbers"}, size),
    group.words && capital(group.words) !== name ? element("p", {class: "group-words"}, group.words) : null,
    typical.length ? element("ul", {class: "chips", "aria-label": `Typical of ${name}`}, ...typical) : null);
}
