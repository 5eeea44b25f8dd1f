import "/static/talk.js";

// The most doubtful first; what is decided last.
const body = document.querySelector(".queue tbody");
const rank = { rejected: 0, "in work": 1, "to check": 2, approved: 3 };
const key = (row) => {
  const state = row.querySelector(".state").dataset.state;
  return [rank[state], -Number(row.cells[3].textContent)];
};
const rows = [...body.rows].sort((a, b) => key(a)[0] - key(b)[0] || key(a)[1] - key(b)[1]);
body.append(...rows);
