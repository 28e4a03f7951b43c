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

/* ---- filters: words, role, class, tier, elements, a range of one quantity ---- */
function filterTable(table, bar) {
  const words = (bar.querySelector("[data-filter]")?.value ?? "").toLowerCase().split(/\s+/).filter(Boolean);
  const facts = [...bar.querySelectorAll("select[data-fact]")].filter(s => s.value).map(s => [s.dataset.fact, s.value]);
  const symbols = (bar.querySelector("[data-elements]")?.value ?? "").split(/[\s,]+/).filter(Boolean);
  const column = bar.querySelector("[data-column]")?.value;
  const low = bar.querySelector("[data-low]")?.value ?? "", high = bar.querySelector("[data-high]")?.value ?? "";
  let shown = 0;
  for (const body of table.tBodies) {
    body.text ??= body.textContent.toLowerCase();
    const data = body.dataset, held = data.elements ?? "";
    let ok = words.every(w => body.text.includes(w));
    ok = ok && facts.every(([name, value]) => (data[name] ?? "").split(" ").includes(value));
    ok = ok && symbols.every(s => s.startsWith("-") ? !held.includes(` ${s.slice(1)} `) : held.includes(` ${s} `));
    if (ok && (low !== "" || high !== "")) {
      const value = data[column] ?? "";
      ok = value !== "" && (low === "" || Number(value) >= Number(low)) && (high === "" || Number(value) <= Number(high));
    }
    body.classList.toggle("hidden", !ok);
    shown += ok;
  }
  const count = document.querySelector(`[data-count="${table.id}"]`);
  if (count) count.textContent = shown === table.tBodies.length ? `${shown} shown` : `${shown} of ${table.tBodies.length} shown`;
}
for (const bar of document.querySelectorAll(".toolbar")) {
  const table = document.getElementById(bar.querySelector("[data-filter]").dataset.filter);
  bar.addEventListener("input", () => filterTable(table, bar));
  filterTable(table, bar);
}

for (const button of document.querySelectorAll("button[data-role]"))
  button.addEventListener("click", () => {
    const bar = document.querySelector(`.toolbar[data-for="${button.dataset.table}"]`);
    if (!bar) return;
    bar.querySelector("select[data-fact=roles]").value = button.dataset.role;
    bar.dispatchEvent(new Event("input"));
    bar.scrollIntoView({ behavior: "instant", block: "start" });
  });

/* ---- on a narrow screen cells stand one below the other and say what they are ---- */
for (const table of document.querySelectorAll("table.sortable")) {
  const names = [...table.querySelectorAll("thead th")].map(th => th.textContent.trim());
  for (const body of table.tBodies)
    [...body.rows[0].cells].forEach((cell, i) => { if (cell.colSpan === 1 && names[i]) cell.dataset.label = names[i]; });
}

/* ---- a candidate's own place: #hosts/cu_foil opens it ---- */
function openNamed() {
  const body = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!body || body.tagName !== "TBODY") return;
  body.classList.remove("hidden");
  const folded = body.closest("details");
  if (folded) folded.open = true;
  if (body.querySelector("tr.detail")) { body.classList.add("open"); drawVisible(body); }
  body.scrollIntoView({ behavior: "instant", block: "start" });
}
addEventListener("hashchange", openNamed);

for (const button of document.querySelectorAll("button.copy"))
  button.addEventListener("click", () => {
    const box = document.getElementById(button.dataset.copy);
    getSelection().selectAllChildren(box);
    document.execCommand("copy");
    button.textContent = "copied";
  });

document.addEventListener("click", event => {
  const prov = event.target.closest("[data-key]");
  if (prov) { event.stopPropagation(); showRow(prov.dataset.key); return; }
  if (event.target.closest("a, summary, dd")) return;
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
    ["core time", row.cpu_seconds === null ? "" : row.cpu_seconds + " s"],
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
  element("h3", "Inputs (what the key hashes)", drawer); element("pre", typeof row.inputs === "string" ? row.inputs : JSON.stringify(row.inputs, null, 1), drawer);
  drawer.classList.add("open"); drawer.scrollTop = 0;
}
document.addEventListener("keydown", e => { if (e.key === "Escape") drawer.classList.remove("open"); });

/* ---- structures and plots, drawn when they come into view ---- */
const NARROW = innerWidth < 640;
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
openNamed();
document.body.dataset.ready = "1";
