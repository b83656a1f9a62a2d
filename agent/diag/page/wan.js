/**
 * How each uplink gets its address: what is set, what came of it, and a form to set it otherwise.
 *
 * The form is built once an uplink and then left alone, so that nobody loses what he is typing.
 */
import { ask } from './logon.js';
import { by, make, pill } from './nodes.js';
import { say } from './texts.js';

/** Fields by what is chosen; each is named like the member of the setting that it becomes. */
const FIELDS = {
  DHCP: [],
  STATIC: ['address', 'prefixLength', 'gateway', 'nameServers'],
  PPPOE: ['user', 'password'],
  AS_FOUND: [],
};
const HINTS = { address: '203.0.113.2', prefixLength: '255.255.255.0', gateway: '203.0.113.1', nameServers: '223.5.5.5 223.6.6.6' };
const SECOND_MS = 1_000;

let built = '';
/** As told last, by uplink. */
const latest = new Map();

export function showWan(wan) {
  by('wan-card').hidden = wan === undefined;
  if (wan === undefined) return;
  const ids = wan.uplinks.map(({ uplink }) => uplink).join(' ');
  for (const each of wan.uplinks) latest.set(each.uplink, each);
  if (built !== ids) by('wan').replaceChildren(...wan.uplinks.map(blockOf));
  built = ids;
  for (const each of wan.uplinks) showUplink(each, wan);
}

/** In another language the forms are built anew. */
export function forgetWan() {
  built = '';
}

function showUplink({ uplink, ipType, address, gateway, nameServers = [], user, trouble }, { trial, last }) {
  const isTried = trial?.uplink === uplink;
  const said = [
    address === undefined ? undefined : `${address} → ${gateway}`,
    nameServers.length === 0 ? undefined : `DNS ${nameServers.join(', ')}`,
    user,
  ];
  by(`wan-${uplink}-type`).textContent = say(ipType);
  by(`wan-${uplink}-now`).textContent = said.filter((each) => each !== undefined).join(' · ');
  by(`wan-${uplink}-trouble`).textContent = trouble ?? '';
  const trialNode = by(`wan-${uplink}-trial`);
  trialNode.hidden = !isTried;
  if (isTried) {
    const leftS = Math.max(0, Math.ceil(trial.leftMs / SECOND_MS));
    by(`wan-${uplink}-lacks`).textContent = `${say('wanTrial')} ${leftS} s: ${trial.lacks}.`;
  }
  const ended = !isTried && last?.uplink === uplink ? last : undefined;
  const end = by(`wan-${uplink}-end`);
  end.textContent = ended === undefined ? '' : `${say(ended.ok ? 'wanKept' : 'wanUndone')}: ${ended.because}.`;
  end.className = ended?.ok === false ? 'fault' : 'small';
}

function blockOf({ uplink, ipType }) {
  const type = pill('', 'plain');
  type.id = `wan-${uplink}-type`;
  const now = named('span', 'small', `wan-${uplink}-now`);
  const trouble = named('span', 'error', `wan-${uplink}-trouble`);
  const trial = make('div', 'trial', named('p', '', `wan-${uplink}-lacks`), make('p', 'row for-admin', button('wanKeep', '', () => act(uplink, { do: 'keep' })), button('wanUndo', 'quiet', () => act(uplink, { do: 'undo' }))));
  trial.id = `wan-${uplink}-trial`;
  trial.setAttribute('role', 'status');
  const block = make('div', 'item', make('div', 'row', make('span', 'id', uplink), type, now, trouble), trial, named('p', '', `wan-${uplink}-end`), formOf(uplink, ipType));
  return block;
}

function formOf(uplink, ipType) {
  const form = make('form', 'wan for-admin');
  const select = make('select', '', ...Object.keys(FIELDS).map((each) => optionOf(each)));
  select.id = `wan-${uplink}-ipType`;
  select.value = ipType;
  const label = labelOf(select.id, say('wanType'));
  const fields = make('div', 'fields');
  const fault = named('p', 'fault', `wan-${uplink}-fault`);
  fault.setAttribute('role', 'alert');
  const draw = () => fields.replaceChildren(...FIELDS[select.value].map((name) => fieldOf(uplink, name)));
  select.addEventListener('change', draw);
  draw();
  const go = make('button', '', say('wanGo'));
  go.type = 'submit';
  form.append(make('p', 'row', label, select), fields, fault, make('p', 'row', go));
  form.noValidate = true;
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const wish = select.value === 'AS_FOUND' ? { do: 'release', uplink } : { do: 'set', setting: settingOf(uplink, select.value) };
    void act(uplink, wish);
  });
  const summary = make('summary', '', say('wanChange'));
  const details = make('details', 'for-admin', summary, form);
  details.id = `wan-${uplink}-change`;
  // Before it opens: what comes after the opening might undo what somebody has chosen by then.
  summary.addEventListener('click', () => {
    if (details.open) return;
    select.value = latest.get(uplink).ipType;
    draw();
  });
  return details;
}

function fieldOf(uplink, name) {
  const input = make('input', '');
  input.id = `wan-${uplink}-${name}`;
  input.type = name === 'password' ? 'password' : 'text';
  input.autocomplete = 'off';
  input.spellcheck = false;
  input.setAttribute('aria-describedby', `wan-${uplink}-fault`);
  if (HINTS[name] !== undefined) input.placeholder = HINTS[name];
  input.value = knownOf(latest.get(uplink), name);
  return make('div', '', labelOf(input.id, say(`wan_${name}`)), input);
}

/** What is in force, so that only what is wrong has to be typed; a password is never told. */
function knownOf({ address = '', gateway = '', nameServers = [], user = '' }, name) {
  const [own, length = ''] = address.split('/');
  return { address: own, prefixLength: length, gateway, nameServers: nameServers.join(' '), user }[name] ?? '';
}

function settingOf(uplink, ipType) {
  const setting = { uplink, ipType };
  for (const name of FIELDS[ipType]) {
    const { value } = by(`wan-${uplink}-${name}`);
    setting[name] = READ[name]?.(value.trim()) ?? value;
  }
  return setting;
}

const READ = {
  address: (text) => text,
  gateway: (text) => text,
  prefixLength: lengthOf,
  nameServers: (text) => text.split(/[\s,;]+/).filter((each) => each !== ''),
};

/** Also of a mask as people write it; what is none stays what it is and is refused by the box. */
function lengthOf(text) {
  if (/^\d{1,2}$/.test(text)) return Number(text);
  const parts = text.split('.').map(Number);
  if (parts.length !== 4 || parts.some((part) => !(part >= 0 && part <= 255))) return text;
  const bits = parts.map((part) => part.toString(2).padStart(8, '0')).join('');
  return /^1+0*$/.test(bits) ? bits.lastIndexOf('1') + 1 : text;
}

/** What is wrong is said, and the field it is about is the next one to type in. */
async function act(uplink, wish) {
  const fault = by(`wan-${uplink}-fault`);
  for (const input of document.querySelectorAll(`[id^="wan-${uplink}-"][aria-invalid]`)) input.removeAttribute('aria-invalid');
  fault.textContent = '';
  const { code, pointer = '', sentence } = await ask('/wan', wish);
  if (code === undefined) {
    by(`wan-${uplink}-change`).open = false;
    return;
  }
  const field = by(`wan-${uplink}-${pointer.split('/')[1]}`);
  const label = field === null ? '' : `${say(`wan_${pointer.split('/')[1]}`)}: `;
  fault.textContent = `${label}${say(code) === code ? sentence : say(code)}`;
  field?.setAttribute('aria-invalid', 'true');
  field?.focus();
}

function optionOf(value) {
  const option = make('option', '', say(value));
  option.value = value;
  return option;
}

function labelOf(id, text) {
  const label = make('label', '', text);
  label.htmlFor = id;
  return label;
}

function named(tag, className, id) {
  const node = make(tag, className);
  node.id = id;
  return node;
}

function button(key, className, act) {
  const node = make('button', className, say(key));
  node.type = 'button';
  node.addEventListener('click', act);
  return node;
}
