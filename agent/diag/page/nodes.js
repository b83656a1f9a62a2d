/**
 * Makes nodes. Every foreign value becomes a text node, never markup.
 */
export function by(id) {
  return document.getElementById(id);
}

export function make(tag, className, ...children) {
  const node = document.createElement(tag);
  if (className !== '') node.className = className;
  node.append(...children.map((child) => (child instanceof Node ? child : String(child))));
  return node;
}

export function pill(text, tone) {
  return make('span', `pill ${tone}`, text);
}

const SVG = 'http://www.w3.org/2000/svg';

export function shape(name, attributes) {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  return node;
}
