/**
 * First logon, logon and the passwords: what stands before the page.
 */
import { by } from './nodes.js';
import { say } from './texts.js';

let stage = 'logon';

/** Asks the box; answers with its JSON, which carries a code when it refused. */
export async function ask(path, body) {
  try {
    return await (await post(path, body)).json();
  } catch {
    return { code: 'failed' };
  }
}

export async function post(path, body) {
  return fetch(path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
}

export function showLogon(isStage) {
  const isNew = stage !== isStage || by('logon').hidden;
  stage = isStage;
  const isFirst = stage === 'first';
  by('logon').hidden = false;
  by('roles').hidden = isFirst;
  for (const node of [by('again'), document.querySelector('label[for=again]')]) node.hidden = !isFirst;
  by('again').required = isFirst;
  by('password').autocomplete = isFirst ? 'new-password' : 'current-password';
  by('logon-title').textContent = say(isFirst ? 'firstTitle' : 'logonTitle');
  by('logon-words').textContent = say(isFirst ? 'firstWords' : 'logonWords');
  by('logon-go').textContent = say(isFirst ? 'firstGo' : 'logonGo');
  if (isNew) by('password').focus();
}

/** Calls `enter` with the answer once somebody is in. */
export function whenLoggedOn(enter) {
  by('logon').addEventListener('submit', (event) => {
    event.preventDefault();
    void logOn(enter);
  });
  by('access').addEventListener('submit', (event) => {
    event.preventDefault();
    void setPassword();
  });
}

async function logOn(enter) {
  const isFirst = stage === 'first';
  const password = by('password').value;
  if (isFirst && password !== by('again').value) return fault('differ');
  by('logon-go').disabled = true;
  const role = isFirst ? 'admin' : document.querySelector('input[name=role]:checked').value;
  const answer = await ask(isFirst ? '/password' : '/logon', { role, password });
  by('logon-go').disabled = false;
  if (answer.code !== undefined) return fault(answer.code);
  fault('');
  by('logon').reset();
  by('logon').hidden = true;
  enter(answer);
}

async function setPassword() {
  const role = by('access-role').value;
  const answer = await ask('/password', { role, password: by('access-password').value });
  by('access-says').textContent = say(answer.code ?? 'accessDone');
  if (answer.code === undefined) by('access').reset();
}

function fault(code) {
  by('logon-fault').textContent = code === '' ? '' : say(code);
  if (code !== '') by('password').focus();
}
