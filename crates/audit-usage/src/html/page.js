"use strict";
// Headings sort their tables; the arrow keys go from row to row of a chart.
for (const table of document.querySelectorAll("table.sums")) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    head.firstChild.addEventListener("click", () => {
      const falls = head.getAttribute("aria-sort") !== "descending";
      const value = (row) => row.cells[column].dataset.v ?? row.cells[column].textContent;
      const compare = (a, b) => {
        const [one, other] = [value(a), value(b)];
        const numbers = Number(one) - Number(other);
        return Number.isNaN(numbers) ? one.localeCompare(other) : numbers;
      };
      const rows = [...table.tBodies[0].rows].sort((a, b) => (falls ? compare(b, a) : compare(a, b)));
      table.tBodies[0].append(...rows);
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", falls ? "descending" : "ascending");
    });
  });
}
const told = document.getElementById("told");
for (const chart of document.querySelectorAll("svg.chart")) {
  const rows = [...chart.querySelectorAll(".row")];
  const tell = (row) => { told.textContent = row.getAttribute("aria-label"); };
  rows.forEach((row, place) => {
    row.addEventListener("focus", () => tell(row));
    row.addEventListener("mouseenter", () => tell(row));
    row.addEventListener("keydown", (event) => {
      const places = { ArrowDown: place + 1, ArrowUp: place - 1, Home: 0, End: rows.length - 1 };
      const next = rows[places[event.key]];
      if (!next) return;
      event.preventDefault();
      row.setAttribute("tabindex", "-1");
      next.setAttribute("tabindex", "0");
      next.focus();
    });
  });
}
