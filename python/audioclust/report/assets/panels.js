// Lists, tables and tools around the map.

/** Fill the headline, the tools, the side and the table. */
function createPanels(data, store, player) {
  const headline = document.getElementById("headline");
  for (const line of data.headline) headline.append(element("p", {}, line));
  const list = element("ul");
  for (let item = 0; item < data.n; item++) {
    list.append(element("li", {}, element("button", {onclick: () => player.play(item)}, data.names[item])));
  }
  document.getElementById("table").append(list);
}
