// Uploads with progress: by the file dialog, by drag and drop, by paste. Each
// file is one request, so that one refused file does not hold up the others.
import { refresh } from './cards.js';

const atOnce = 3;
const waiting = [];
let running = 0;

export function uploads() {
  const form = document.getElementById('upload');
  const input = document.getElementById('file');
  const pictures = Number(form.dataset.maxBytes);
  const videos = Number(form.dataset.maxVideoBytes ?? 0);
  // What a file is the server decides; only what cannot be is refused here.
  const most = (file) => (file.type.startsWith('image/') ? pictures : Math.max(pictures, videos));

  const take = (files) => {
    for (const file of files) waiting.push({ file, row: rowFor(file.name) });
    next(most);
  };
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    take(input.files);
    form.reset();
  });
  input.addEventListener('change', () => {
    take(input.files);
    form.reset();
  });

  let depth = 0; // dragenter and dragleave come for every element passed
  const carriesFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes('Files');
  addEventListener('dragenter', (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    depth++;
    document.body.classList.add('dragging');
  });
  addEventListener('dragover', (event) => carriesFiles(event) && event.preventDefault());
  addEventListener('dragleave', () => {
    depth = Math.max(0, depth - 1);
    if (depth === 0) document.body.classList.remove('dragging');
  });
  addEventListener('drop', (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    depth = 0;
    document.body.classList.remove('dragging');
    take(event.dataTransfer.files);
  });
  addEventListener('paste', (event) => take(event.clipboardData?.files ?? []));
}

function rowFor(name) {
  const row = document.createElement('li');
  const label = document.createElement('span');
  label.className = 'name';
  label.textContent = name;
  const progress = document.createElement('progress');
  progress.max = 1;
  progress.value = 0;
  progress.setAttribute('aria-label', `Upload of ${name}`);
  const sent = document.createElement('span');
  sent.className = 'sent';
  const cancel = document.createElement('button');
  cancel.className = 'button quiet small cancel';
  cancel.textContent = 'Cancel';
  cancel.addEventListener('click', () => {
    const at = waiting.findIndex((upload) => upload.row === row);
    if (at >= 0) waiting.splice(at, 1);
    row.remove();
  });
  row.append(label, progress, sent, cancel);
  document.getElementById('uploads').append(row);
  return row;
}

// amount writes a size the way people read it, in binary units.
function amount(bytes) {
  const unit = bytes >= 2 ** 30 ? ['GiB', 2 ** 30] : ['MiB', 2 ** 20];
  return `${Math.round((bytes / unit[1]) * 10) / 10} ${unit[0]}`;
}

function refuse(row, words) {
  row.classList.add('refused');
  for (const element of row.querySelectorAll('progress, .sent, .cancel')) element.remove();
  const dismiss = document.createElement('button');
  dismiss.className = 'button quiet small';
  dismiss.textContent = 'Dismiss';
  dismiss.addEventListener('click', () => row.remove());
  const error = document.createElement('p');
  error.className = 'error';
  error.setAttribute('role', 'alert');
  error.textContent = words;
  row.append(dismiss, error);
}

function next(most) {
  while (running < atOnce && waiting.length > 0) {
    const { file, row } = waiting.shift();
    if (file.size > most(file)) {
      refuse(row, `“${file.name}” is larger than the limit of ${amount(most(file))}.`);
      continue;
    }
    running++;
    send(file, row).finally(() => {
      running--;
      next(most);
    });
  }
}

// send uses XMLHttpRequest because fetch does not report upload progress.
function send(file, row) {
  return new Promise((done) => {
    const request = new XMLHttpRequest();
    request.open('POST', '/upload');
    request.setRequestHeader('Accept', 'application/json');
    request.responseType = 'json';
    row.querySelector('.cancel').addEventListener('click', () => request.abort());
    request.addEventListener('abort', done);
    const [progress, sent] = [row.querySelector('progress'), row.querySelector('.sent')];
    request.upload.addEventListener('progress', (event) => {
      if (!event.lengthComputable) return;
      progress.value = event.loaded / event.total;
      sent.textContent = `${Math.floor((100 * event.loaded) / event.total)} % of ${amount(event.total)}`;
    });
    request.upload.addEventListener('load', () => {
      progress.removeAttribute('value');
      sent.textContent = '';
    });
    request.addEventListener('load', async () => {
      const answer = request.response;
      if (request.status === 201) {
        await refresh(answer.files[0].name).catch(() => {});
        row.remove();
      } else {
        refuse(row, answer?.error ?? `The upload failed (HTTP ${request.status}).`);
      }
      done();
    });
    request.addEventListener('error', () => {
      refuse(row, `The connection broke off while “${file.name}” was uploaded. Please try again.`);
      done();
    });
    const form = new FormData();
    form.append('file', file, file.name);
    request.send(form);
  });
}
