// The page put together.
{
  const data = readData();
  const store = createStore();
  createTheme(store);
  const player = createPlayer(data, store, document.getElementById("player"));
  createMap(data, store, player, document.getElementById("map"));
  createViews(data, store, player, document.getElementById("views"));
  createPanels(data, store, player);
  createFragment(data, store);
  document.documentElement.dataset.ready = "yes"; // Tests wait for it.
}
