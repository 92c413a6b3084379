// All of this is a convenience: with scripts stripped (mail, previews of a learning platform) the page still says it all.
document.documentElement.classList.add("js");
const checks = [...document.querySelectorAll("details.check")];
const filter = [...document.querySelectorAll("[data-show]")];
const show = which => {
  filter.forEach(b => b.setAttribute("aria-pressed", b.dataset.show === which));
  checks.forEach(d => { d.hidden = which === "fix" && !("fix" in d.dataset); });
};
filter.forEach(b => b.addEventListener("click", () => show(b.dataset.show)));
const reveal = () => {
  const d = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!d) return;
  if (d.hidden) show("all");
  if (d.matches("details")) d.open = true;
  d.scrollIntoView();
};
addEventListener("hashchange", reveal);
if (location.hash) reveal();
addEventListener("beforeprint", () => checks.forEach(d => { d.open = !d.classList.contains("pass"); }));
addEventListener("keydown", e => {
  if (e.ctrlKey || e.metaKey || e.altKey || (e.key !== "j" && e.key !== "k")) return;
  const list = checks.filter(d => !d.hidden && "fix" in d.dataset);
  const here = list.findIndex(d => d.contains(document.activeElement));
  const next = list[here + (e.key === "j" ? 1 : -1)] ?? list.at(e.key === "j" ? 0 : -1);
  if (!next) return;
  next.open = true;
  next.querySelector("summary").focus();
  next.scrollIntoView();
});
