// Lists, tables and tools around the map, put together.

/** Fill the headline, the tools, the side and the table. */
function createPanels(data, store, player) {
  const words = wordsOf(data);
  createHeadline(data);
  const tools = document.getElementById("tools");
  createSearch(data, store, tools);
  createTools(data, store, tools);
  const tabs = createTabs("Lists", [
    {id: "groups", heading: capital(words.groups), content: createClusters(data, store, player),
     title: () => `${capital(words.groups)} ${data.groups.filter((group) => group.number >= 0).length}`},
    {id: "alike", heading: "Like this", content: createAlike(data, store, player), title: () => "Like this"},
    data.features.length ? {id: "measured", heading: "Measured", title: () => "Measured", ...createMeasured(data, store)} : null,
    {id: "basket", heading: "Basket", content: createBasket(data, store, player),
     title: () => `Basket ${store.state.basket.length || ""}`.trim()},
  ].filter((panel) => panel !== null));
  store.on(["basket"], tabs.name);
  document.getElementById("side").append(createCard(data, store, player), ...tabs.elements);
  const table = document.getElementById("table");
  createTable(data, store, player, table);
  // The link's own way would put "#table" into the address, where what is shown is kept.
  document.querySelector(".skip").addEventListener("click", (event) => {
    event.preventDefault();
    table.querySelector("table").focus();
    table.scrollIntoView();
  });
}
