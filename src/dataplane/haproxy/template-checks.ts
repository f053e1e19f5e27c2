/** Whether HAProxy takes the words of labels: each text is tried in a configuration of its own, once. */
import type { PoolTemplate } from '../../declared/types.ts';
import type { ServiceTarget } from '../../plan/target.ts';
import { blamedIn, configurationFor, type Lines, wordsIn } from './template-trial.ts';
import { tryOut, type Where } from './trial.ts';
import { createVerdicts } from './verdicts.ts';

/** What the templates of one pool come to. */
export interface Judgement {
  /** For its backends: of those that HAProxy takes. */
  readonly lines: readonly string[];
  readonly refused: readonly { readonly template: PoolTemplate; readonly why: string }[];
}

export interface TemplateChecks {
  /** Tries what of a target has not been tried. */
  readonly look: (target: readonly ServiceTarget[], signal: AbortSignal) => Promise<void>;
  /** Takes what was found by `look`; what has not been looked at is left out. */
  readonly judge: (templates: readonly PoolTemplate[]) => Judgement;
  /** What passed by itself and turns out to spoil a whole configuration is not taken again. */
  readonly refuse: (lines: readonly string[], why: string) => void;
}

const mostRemembered = 10_000;

export function createTemplateChecks(where: Where, now: () => number = Date.now): TemplateChecks {
  const verdicts = createVerdicts(now);
  const spoiling = new Map<string, string>();

  /** All together first; then without those that HAProxy names, or in halves, until those that are bad stand alone. */
  async function tryAll(texts: readonly Lines[], signal: AbortSignal): Promise<void> {
    if (texts.length === 0) return;
    // They stand beside each other, each in backends of its own.
    const { why, isItsWord } = await tryOut(where, configurationFor(texts), signal);
    if (why === null || texts.length === 1) {
      const words = why === null ? null : wordsIn(why);
      for (const text of texts) verdicts.note(textOf(text), { why: words, isItsWord });
      return;
    }
    const named = blamedIn(why, texts);
    if (named.size > 0) {
      for (const [text, words] of named) verdicts.note(textOf(text), { why: words, isItsWord });
      await tryAll(
        texts.filter((text) => !named.has(text)),
        signal,
      );
      return;
    }
    const middle = Math.ceil(texts.length / 2);
    await tryAll(texts.slice(0, middle), signal);
    await tryAll(texts.slice(middle), signal);
  }

  function judge(templates: readonly PoolTemplate[]): Judgement {
    const whole = templates.flatMap(({ lines }) => lines);
    const spoils = spoiling.get(textOf(whole));
    if (spoils !== undefined) {
      return { lines: [], refused: templates.map((template) => ({ template, why: spoils })) };
    }
    if (verdicts.of(textOf(whole)) === null) return { lines: whole, refused: [] };
    let lines: Lines = [];
    const refused: { template: PoolTemplate; why: string }[] = [];
    for (const template of templates) {
      const longer = [...lines, ...template.lines];
      const why = verdicts.of(textOf(longer));
      if (why === null) lines = longer;
      else if (why !== undefined) refused.push({ template, why });
    }
    return { lines, refused };
  }

  return {
    async look(target, signal) {
      const pools = target
        .flatMap((service) => service.pools.map(({ templates }) => templates ?? []))
        .filter((templates) => templates.length > 0);
      if (pools.length === 0) return;
      const wholes = new Map(
        pools.map((templates) => templates.flatMap(({ lines }) => lines)).map((text) => [textOf(text), text]),
      );
      await tryAll(
        [...wholes].filter(([text]) => verdicts.isDue(text)).map(([, lines]) => lines),
        signal,
      );
      // One of several may be good by itself, or after those before it.
      for (const templates of pools) {
        if (templates.length < 2) continue;
        let lines: Lines = [];
        if (verdicts.of(textOf(templates.flatMap((each) => each.lines))) === null) continue;
        for (const template of templates) {
          const longer = [...lines, ...template.lines];
          if (verdicts.isDue(textOf(longer))) await tryAll([longer], signal);
          if (verdicts.of(textOf(longer)) === null) lines = longer;
        }
      }
    },
    judge,
    refuse(lines, why) {
      if (spoiling.size > mostRemembered) spoiling.clear();
      spoiling.set(textOf(lines), wordsIn(why));
    },
  };
}

function textOf(lines: Lines): string {
  return lines.join('\n');
}
