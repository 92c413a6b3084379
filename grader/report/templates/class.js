// A convenience: with scripts stripped the page still says it all.
document.documentElement.classList.add("js");
const table = document.querySelector(".matrix"), find = document.getElementById("find");
if (table) {
  const body = table.tBodies[0], rows = [...body.rows], heads = [...table.tHead.rows[0].cells];
  const only = document.getElementById("only"), shown = document.getElementById("shown");
  const plain = s => s.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  const names = new Map(rows.map(r => [r, plain(r.cells[0].textContent)]));
  const rank = {p: 0, u: 1, f: 2, s: 3, n: 4, e: 5};
  const value = (r, i) => {
    const cell = r.cells[i], text = cell.textContent;
    if (i === 0) return names.get(r);
    if (i === 1) return parseFloat(text.replace(",", ".")) || 0;
    return 1e6 * (rank[cell.className] ?? 6) + (cell.className === "f" ? Math.abs(parseFloat(text.replace("−", "").replace(",", "."))) || 0 : 0);
  };
  heads.forEach((th, i) => {
    const b = document.createElement("button");
    b.type = "button";
    b.append(...th.childNodes);
    th.append(b);
    if (i) th.setAttribute("aria-sort", "none");
    b.addEventListener("click", () => {
      const up = th.getAttribute("aria-sort") !== "ascending";
      heads.forEach(o => o.setAttribute("aria-sort", "none"));
      th.setAttribute("aria-sort", up ? "ascending" : "descending");
      const keyed = rows.map(r => [value(r, i), names.get(r), r]);
      keyed.sort((a, c) => (up ? 1 : -1) * (i ? a[0] - c[0] : a[0].localeCompare(c[0])) || a[1].localeCompare(c[1]));
      body.append(...keyed.map(k => k[2]));
    });
  });
  let which = null;
  const show = () => {
    const q = plain(find.value.trim());
    let n = 0;
    rows.forEach(r => {
      const here = names.get(r).includes(q) && (which === null || (r.dataset.w ?? "").split(" ").includes(which));
      r.hidden = !here;
      n += here;
    });
    shown.textContent = shown.dataset.say.replace("#", n);
    only.hidden = which === null;
  };
  find.addEventListener("input", show);
  only.querySelector("button").addEventListener("click", () => { which = null; show(); find.focus(); });
  document.querySelectorAll("button[data-w]").forEach(b => b.addEventListener("click", () => {
    which = b.dataset.w;
    find.value = "";
    only.firstElementChild.textContent = b.dataset.what;
    show();
    document.getElementById("everyone").scrollIntoView();
    only.querySelector("button").focus({preventScroll: true});
  }));
  if (find.value) show();
}
