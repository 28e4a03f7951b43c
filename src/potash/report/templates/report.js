"use strict";
const DATA = JSON.parse(document.getElementById("potash-data").textContent);

/* ---- sorting: one tbody per entry, so that details travel along ---- */
for (const table of document.querySelectorAll("table.sortable")) {
  const heads = [...table.querySelectorAll("thead th")];
  heads.forEach((th, column) => {
    if (!th.hasAttribute("data-sort-col")) return;
    th.tabIndex = 0;
    const sort = () => {
      const up = th.getAttribute("aria-sort") !== "ascending";
      heads.forEach(h => h.removeAttribute("aria-sort"));
      th.setAttribute("aria-sort", up ? "ascending" : "descending");
      const value = body => body.rows[0].cells[column].dataset.sort ?? body.rows[0].cells[column].textContent.trim();
      const bodies = [...table.tBodies];
      const number = text => (text === "" ? NaN : Number(text));
      bodies.sort((a, b) => {
        const x = value(a), y = value(b);
        if (x === "" || y === "") return (x === "") - (y === "");
        const p = number(x), q = number(y);
        const order = Number.isNaN(p) || Number.isNaN(q) ? x.localeCompare(y) : p - q;
        return up ? order : -order;
      });
      table.append(...bodies);
    };
    th.addEventListener("click", sort);
    th.addEventListener("keydown", e => { if (e.key === "Enter") sort(); });
  });
}

/* ---- filter and open details ---- */
for (const input of document.querySelectorAll("input[data-filter]")) {
  const table = document.getElementById(input.dataset.filter);
  input.addEventListener("input", () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const body of table.tBodies) {
      const text = body.textContent.toLowerCase();
      body.classList.toggle("hidden", !words.every(w => text.includes(w)));
    }
  });
}
document.addEventListener("click", event => {
  const prov = event.target.closest("[data-key]");
  if (prov) { event.stopPropagation(); showRow(prov.dataset.key); return; }
  const row = event.target.closest("tr.main");
  if (row && row.parentElement.querySelector("tr.detail")) {
    row.parentElement.classList.toggle("open");
    drawVisible(row.parentElement);
  }
});

/* ---- provenance drawer ---- */
const drawer = document.getElementById("drawer");
function element(tag, text, parent) { const e = document.createElement(tag); e.textContent = text; parent.append(e); return e; }
function showRow(key) {
  const row = DATA.rows[key];
  if (!row) return;
  drawer.replaceChildren();
  const close = element("button", "\u00d7", drawer); close.className = "x"; close.setAttribute("aria-label", "close");
  close.addEventListener("click", () => drawer.classList.remove("open"));
  element("h2", `${row.kind} \u00b7 ${row.item}`, drawer);
  const list = document.createElement("dl"); list.className = "kv"; drawer.append(list);
  const pairs = [["model", row.model], ["level", row.level], ["status", row.status], ["remark", row.reason],
    ["reference state", row.reference_state], ["engine", row.engine], ["version", row.engine_version],
    ["seed", row.seed], ["started", row.started], ["wall time", row.seconds === null ? "" : row.seconds + " s"],
    ["machine", row.host], ["attempt", row.attempt], ["key", row.key]];
  for (const [name, value] of pairs) if (value !== null && value !== undefined && value !== "") { element("dt", name, list); element("dd", String(value), list); }
  element("h3", "Values", drawer); element("pre", JSON.stringify(row.values, null, 1), drawer);
  if (Object.keys(row.uncertainty).length) { element("h3", "Uncertainty", drawer); element("pre", JSON.stringify(row.uncertainty, null, 1), drawer); }
  const needs = Object.entries(row.needs);
  if (needs.length) {
    element("h3", "Computed from", drawer);
    for (const [role, other] of needs) {
      const p = element("p", role + ": ", drawer);
      const b = element("button", other.slice(0, 16), p); b.className = "prov";
      if (DATA.rows[other]) b.dataset.key = other;
    }
  }
  element("h3", "Inputs (what the key hashes)", drawer); element("pre", row.inputs, drawer);
  drawer.classList.add("open"); drawer.scrollTop = 0;
}
document.addEventListener("keydown", e => { if (e.key === "Escape") drawer.classList.remove("open"); });

/* ---- structures and plots, drawn when they come into view ---- */
const PLOT = { paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", margin: { l: 56, r: 56, t: 14, b: 52 },
  font: { family: "Inter, Segoe UI, system-ui, Arial, sans-serif", size: 12, color: "#1d2433" },
  modebar: { bgcolor: "rgba(0,0,0,0)", color: "#b4bcc9", activecolor: "#5b3fd6" }, legend: { orientation: "h", y: 1.12, x: 0 }, hovermode: "x unified" };
function draw(box) {
  if (box.dataset.done) return;
  if (!box.clientWidth) return;
  box.dataset.done = "1";
  if (box.dataset.structure) Viewer.create(box, DATA.structures[box.dataset.structure]);
  if (box.dataset.plot) {
    const figure = DATA.plots[box.dataset.plot];
    Plotly.newPlot(box, figure.data, Object.assign({}, PLOT, figure.layout), { displaylogo: false, responsive: true,
      modeBarButtonsToRemove: ["lasso2d", "select2d", "autoScale2d"] });
  }
}
function drawVisible(scope) { for (const box of scope.querySelectorAll("[data-structure],[data-plot]")) draw(box); }
const watcher = new IntersectionObserver(entries => entries.forEach(e => { if (e.isIntersecting) draw(e.target); }), { rootMargin: "300px" });
for (const box of document.querySelectorAll("[data-structure],[data-plot]")) watcher.observe(box);
document.body.dataset.ready = "1";
