// Shows what was found with at least the chosen confidence, and links each
// chip or table row with its box in the picture.

const key = 'minimum-confidence';

function minimum() {
  return Number(document.getElementById('min')?.value ?? 0);
}

// apply hides the findings below the chosen confidence within root.
export function apply(root = document) {
  const least = minimum();
  for (const finding of root.querySelectorAll('.finding')) {
    finding.classList.toggle('below', Number(finding.dataset.percent) < least);
  }
}

export function filter() {
  const slider = document.getElementById('min');
  if (slider) {
    const output = document.getElementById('min-value');
    const chosen = sessionStorage.getItem(key);
    if (chosen !== null && !new URLSearchParams(location.search).has('min')) slider.value = chosen;
    const update = () => {
      output.textContent = `${slider.value} %`;
      apply();
    };
    slider.addEventListener('input', () => {
      sessionStorage.setItem(key, slider.value);
      update();
    });
    document.getElementById('filter').addEventListener('submit', (event) => event.preventDefault());
    update();
  }

  const light = (event) => {
    const scope = event.target.closest?.('.card, .result');
    if (!scope) return;
    const finding = event.target.closest('.chip, tr.finding');
    const on = event.type === 'pointerover' && finding;
    let lit = false;
    for (const box of scope.querySelectorAll('.boxes .finding')) {
      const match = Boolean(on) && box.dataset.index === finding.dataset.index;
      box.classList.toggle('lit', match);
      lit ||= match;
    }
    scope.querySelector('.boxes')?.classList.toggle('has-lit', lit);
  };
  document.addEventListener('pointerover', light);
  document.addEventListener('pointerout', light);
}
