// Tools beside the search: what the map is coloured by, and the theme.

/** Add the tools. Colours need a map to be seen on. */
function createTools(data, store, root) {
  const fields = element("div", {class: "view-fields", id: "view-fields"});
  if (data.x !== null) fields.append(labelled("Colour", colorSelect(data, store)));
  fields.append(labelled("Theme", themeSelect(store)));
  // Where there is little room, the fields are shown when they are asked for.
  const button = element("button", {
    type: "button", class: "view-button", "aria-expanded": "false", "aria-controls": "view-fields",
    onclick: () => button.setAttribute("aria-expanded", String(fields.classList.toggle("is-open"))),
  }, "View");
  root.append(button, fields);
}

/** A field with its name above it. */
function labelled(name, field) {
  return element("label", {class: "field"}, element("span", {class: "muted"}, name), field);
}

/** What can be coloured by, and its words. */
function colorChoices(data) {
  return [
    ["cluster", capital(wordsOf(data).group)], ["folder", "Folder"], ["duration", "Length"],
    ...data.features.map((feature) => [`feature:${feature.name}`, capital(featureTitle(feature))]),
  ];
}

function colorSelect(data, store) {
  const options = colorChoices(data).map(([value, words]) => element("option", {value}, words));
  const select = element("select", {
    id: "color", onchange: () => store.set({color: select.value}),
  }, ...options.slice(0, 3), options.length > 3 ? element("optgroup", {label: "Measured"}, ...options.slice(3)) : null);
  const show = () => { select.value = store.state.color; };
  store.on(["color"], show);
  show();
  return select;
}

function themeSelect(store) {
  const options = Object.entries(THEMES).map(([value, words]) => element("option", {value}, words));
  const select = element("select", {id: "theme", onchange: () => store.set({theme: select.value})}, ...options);
  const show = () => { select.value = store.state.theme; };
  store.on(["theme"], show);
  show();
  return select;
}
