/**
 * Reaches access gateways by their names, whatever name servers do.
 *
 * Name servers are asked anew for every attempt and not waited for long when an address is known: what has proved
 * itself before is tried next, and an answer that comes late is tried after it. An address is good once TLS was accepted
 * there with the name checked, and never before, so a poisoned answer costs one refused handshake and is not kept.
 */
import { type Core, type Deadline, earlier, nothing } from '../../../firmware-shim/base/core.ts';
import type { Family } from '../../../firmware-shim/kernel/types.ts';
import type { GatewayNameSnapshot, KeptName } from '../../model/gateway-name.ts';
import type { DialFault } from './address-finder.ts';
import { type Candidate, familyOf, inOrder } from './address-order.ts';
import { NameBook } from './name-book.ts';
import type { GatewayWanted, NameEffect, NameEvent } from './name-events.ts';
import { NameQuestions } from './name-questions.ts';
import { whyUnanswered } from './name-trouble.ts';

/** Who has a known address to go on with waits no longer: a good answer takes a tenth of it. */
export const PATIENCE_MS = 1_500;
/** Who has none waits as long as an attempt of ten seconds leaves time for the handshake. */
export const ANSWERS_MS = 6_000;
/** An address that does not answer keeps the next one waiting for so long; the last one has all the time there is. */
export const ADDRESS_MS = 2_500;
/** Of one attempt. */
const TRIED_MAX = 6;

/**
 * Who answers there is not the gateway. What may be our own clock's or certificate's fault, or passes by itself, says
 * nothing of the address.
 */
const SOMEBODY_ELSE: readonly string[] = [
  'ETLS_NAME',
  'ETLS_UNTRUSTED',
  'ETLS_SELF_SIGNED',
  'ETLS_USAGE',
  'ETLS_PROTOCOL',
  'ETLS_REVOKED',
];

type Effects = readonly NameEffect[];

interface Search {
  readonly id: number;
  readonly name: string;
  readonly families: readonly Family[];
  readonly hosts: readonly string[];
  /** The name is an address. */
  readonly isGiven: boolean;
  readonly patientUntilMs: number;
  readonly answersUntilMs: number;
  /** Open questions whose answers it would take. */
  readonly questions: Set<number>;
  readonly answers: string[];
  readonly tried: Set<string>;
  dialling: (Candidate & { readonly sinceMs: number }) | undefined;
  /** Of the address that was tried last. */
  fault: DialFault | undefined;
}

export class GatewayNames implements Core<NameEvent, NameEffect> {
  readonly #book: NameBook;
  readonly #questions = new NameQuestions();
  readonly #searches = new Map<number, Search>();

  constructor(kept: readonly KeptName[]) {
    this.#book = new NameBook(kept);
  }

  handle(event: NameEvent, nowMs: number): Effects {
    switch (event.type) {
      case 'gatewayWanted':
        return this.#begin(event, nowMs);
      case 'questionAnswered':
        return this.#answered(event.questionId, event.addresses, nowMs);
      case 'questionFailed':
        return this.#unanswered(event.questionId, event.code, nowMs);
      case 'addressAccepted':
        return this.#accepted(event.searchId, event.wallMs);
      case 'addressRefused':
        return this.#refused(event, nowMs);
      case 'searchLeft':
        this.#searches.delete(event.searchId);
        return nothing;
    }
  }

  tick(nowMs: number): Effects {
    const overdue = this.#questions
      .overdue(nowMs)
      .flatMap((questionId) => this.#callBack(questionId, nowMs));
    return [...overdue, ...[...this.#searches.values()].flatMap((each) => this.#goOn(each, nowMs))];
  }

  deadline(): Deadline | undefined {
    return [...this.#searches.values()].reduce(
      (first, search) => earlier(first, this.#nextLook(search)),
      this.#questions.deadline(),
    );
  }

  snapshot(nowMs: number, wallMs: number): readonly GatewayNameSnapshot[] {
    return this.#book.snapshot(nowMs, wallMs);
  }

  #begin(event: GatewayWanted, nowMs: number): Effects {
    const { searchId: id, name, sourceAddress, inHaste = false } = event;
    const own = sourceAddress === undefined ? undefined : familyOf(sourceAddress);
    const families = own === undefined ? (['ipv4', 'ipv6'] as const) : [own];
    const isGiven = familyOf(name) !== undefined;
    const hosts = isGiven ? [name] : event.hosts.filter((each) => isOneOf(families, each));
    const search: Search = {
      id,
      name,
      families,
      hosts,
      isGiven,
      patientUntilMs: nowMs + PATIENCE_MS,
      answersUntilMs: nowMs + ANSWERS_MS,
      questions: new Set(),
      answers: [],
      tried: new Set(),
      dialling: undefined,
      fault: undefined,
    };
    this.#searches.set(id, search);
    const isKnown = hosts.length > 0 || (inHaste && this.#candidates(search, nowMs).length > 0);
    const asked = isKnown ? nothing : this.#ask(search, sourceAddress, nowMs);
    return [...asked, ...this.#goOn(search, nowMs)];
  }

  #ask(search: Search, sourceAddress: string | undefined, nowMs: number): Effects {
    return search.families.flatMap((family) => {
      const about = { name: search.name, family, ...(sourceAddress && { sourceAddress }) };
      const { questionId, isNew, crowdedOut } = this.#questions.ask(about, nowMs);
      search.questions.add(questionId);
      return [
        ...(crowdedOut === undefined ? nothing : this.#callBack(crowdedOut, nowMs)),
        ...(isNew ? [{ type: 'askQuestion', questionId, ...about } as const] : nothing),
      ];
    });
  }

  /** Nobody waits for it any more. */
  #callBack(questionId: number, nowMs: number): Effects {
    return [
      { type: 'cancelQuestion', questionId },
      ...this.#unanswered(questionId, 'ETIMEOUT', nowMs),
    ];
  }

  #answered(questionId: number, given: readonly string[], nowMs: number): Effects {
    const question = this.#questions.end(questionId);
    if (question === undefined) return nothing;
    const { name, family } = question;
    const addresses = this.#book.answered(name, family, given, nowMs);
    return this.#waitingFor(questionId).flatMap((search) => {
      search.answers.push(...addresses);
      return this.#goOn(search, nowMs);
    });
  }

  #unanswered(questionId: number, code: string, nowMs: number): Effects {
    const question = this.#questions.end(questionId);
    if (question === undefined) return nothing;
    const { name, family } = question;
    this.#book.unanswered(name, family, whyUnanswered(question, code));
    return this.#waitingFor(questionId).flatMap((search) => this.#goOn(search, nowMs));
  }

  /** They wait for it no longer. */
  #waitingFor(questionId: number): readonly Search[] {
    return [...this.#searches.values()].filter(({ questions }) => questions.delete(questionId));
  }

  #accepted(searchId: number, wallMs: number): Effects {
    const search = this.#searches.get(searchId);
    this.#searches.delete(searchId);
    if (search?.dialling === undefined || search.isGiven) return nothing;
    const { name, dialling } = search;
    const { address, from } = dialling;
    const before = this.#book.good(name).find((each) => each.address === address);
    const isOther = this.#book.prove(name, { address, provedWallMs: wallMs }, from);
    const kept = isOther ? [{ type: 'keepNames', names: this.#book.kept() } as const] : nothing;
    if (from !== 'kept' && from !== 'heard') return kept;
    const because =
      this.#trouble(search) ?? 'what the name servers say does not lead to the gateway';
    const ago = before && { provedAgoMs: Math.max(0, wallMs - before.provedWallMs) };
    const note = {
      code: 'keptAddressUsed',
      level: 'warning',
      name,
      address,
      because,
      ...ago,
    } as const;
    return [...kept, { type: 'noted', note }];
  }

  #refused(
    { searchId, fault }: Extract<NameEvent, { readonly type: 'addressRefused' }>,
    nowMs: number,
  ): Effects {
    const search = this.#searches.get(searchId);
    if (search?.dialling === undefined) return nothing;
    const { name, dialling, isGiven } = search;
    const { address } = dialling;
    search.dialling = undefined;
    search.fault = fault;
    const { code: reason, text: because } = fault;
    const isForeign = !isGiven && SOMEBODY_ELSE.includes(reason);
    const isNews = isForeign && this.#book.setAside(name, address, nowMs);
    const note = {
      code: 'gatewayAddressSetAside',
      level: 'warning',
      name,
      address,
      reason,
      because,
    } as const;
    return [
      ...(isNews ? [{ type: 'noted', note } as const] : nothing),
      ...this.#goOn(search, nowMs),
    ];
  }

  /** Dials what is next, when it is time for it; ends the search when nothing more can come. */
  #goOn(search: Search, nowMs: number): Effects {
    const { id, dialling, tried, questions } = search;
    const next = this.#nextOf(search, nowMs);
    if (dialling !== undefined) {
      if (next === undefined || nowMs < dialling.sinceMs + ADDRESS_MS) return nothing;
      search.fault = { code: 'ETIMEOUT', text: `${dialling.address} does not answer` };
    }
    const dropped =
      dialling === undefined ? nothing : [{ type: 'dropDial', searchId: id } as const];
    if (next !== undefined) {
      tried.add(next.address);
      search.dialling = { ...next, sinceMs: nowMs };
      return [...dropped, { type: 'dialAddress', searchId: id, address: next.address }];
    }
    if (questions.size > 0 && nowMs < search.answersUntilMs) return nothing;
    this.#searches.delete(id);
    const unknown = { code: 'EDNS', text: this.#trouble(search) ?? 'the name does not resolve' };
    return [{ type: 'searchFailed', searchId: id, fault: search.fault ?? unknown }];
  }

  #trouble({ name, questions, families: [family = 'ipv4'] }: Search): string | undefined {
    return questions.size > 0
      ? whyUnanswered({ name, family }, 'ETIMEOUT')
      : this.#book.trouble(name);
  }

  #nextOf(search: Search, nowMs: number): Candidate | undefined {
    if (search.tried.size >= TRIED_MAX) return undefined;
    return this.#candidates(search, nowMs).find(({ address }) => !search.tried.has(address));
  }

  #candidates(search: Search, nowMs: number): readonly Candidate[] {
    const { name, families, hosts, answers, questions, patientUntilMs, isGiven } = search;
    const mayBeOld = !isGiven && (questions.size === 0 || nowMs >= patientUntilMs);
    const good = mayBeOld ? this.#book.good(name).map(({ address }) => address) : [];
    const kept = good.filter((each) => isOneOf(families, each));
    const heard = mayBeOld ? families.flatMap((each) => this.#book.heard(name, each, nowMs)) : [];
    return inOrder({ hosts, answers, kept, heard }, (address) =>
      this.#book.isSetAside(name, address, nowMs),
    );
  }

  /** When time alone lets the search go on. */
  #nextLook(search: Search): Deadline | undefined {
    const { dialling, questions, patientUntilMs, answersUntilMs } = search;
    const hasNext = (atMs: number): boolean => this.#nextOf(search, atMs) !== undefined;
    if (dialling !== undefined) {
      const overdueAtMs = dialling.sinceMs + ADDRESS_MS;
      const atMs = [overdueAtMs, patientUntilMs].find(
        (each) => each >= overdueAtMs && hasNext(each),
      );
      return atMs === undefined ? undefined : { atMs, why: 'next address' };
    }
    if (questions.size === 0) return undefined;
    return hasNext(patientUntilMs)
      ? { atMs: patientUntilMs, why: 'known address' }
      : { atMs: answersUntilMs, why: 'no answer' };
  }
}

function isOneOf(families: readonly Family[], address: string): boolean {
  const family = familyOf(address);
  return family !== undefined && families.includes(family);
}
