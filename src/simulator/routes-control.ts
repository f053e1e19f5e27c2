/** The control API under /_sim: what no Marathon has. */
import { z } from 'zod';
import { appId } from '../model/ids.ts';
import { behaviourChange } from './behaviour.ts';
import type { Control, Where } from './control.ts';
import { type Answer, type Exchange, readBody } from './http-answer.ts';
import { parseAs, parseJson } from './parse.ts';

const crashRequest = z.strictObject({ silent: z.boolean().optional() });
const messageRequest = z.strictObject({ message: z.string() });

/** `rest` are the path's segments after /_sim. @returns null when there is no such route */
export async function routeControl(
  control: Control,
  exchange: Exchange,
  rest: readonly string[],
): Promise<Answer | null> {
  const [kind, ...path] = rest;
  if (kind === 'tasks' && path.length === 0 && exchange.method === 'GET') {
    return { status: 200, body: { tasks: await control.tasks() } };
  }
  const verb = path.at(-1);
  const name = path.slice(0, -1).join('/');
  const where = whereOf(kind, name);
  if (exchange.method === 'POST' && where !== null && (verb === 'unreachable' || verb === 'reachable')) {
    return { status: 200, body: { tasks: control[verb](where) } };
  }
  if (name === '' || verb === undefined) return null;
  if (verb === 'behaviour' && (exchange.method === 'PUT' || exchange.method === 'POST')) {
    const change = parseAs(behaviourChange, parseJson(await readBody(exchange.request)));
    if (kind === 'apps') control.behaveApp(appId(name), change);
    else if (kind === 'tasks') control.behaveTask(name, change);
    else return null;
    return { status: 200, body: change };
  }
  if (exchange.method !== 'POST') return null;
  if (verb === 'crash' && (kind === 'apps' || kind === 'tasks')) {
    const silent = (await crashOptions(exchange)).silent === true;
    if (kind === 'apps') return { status: 200, body: { tasks: control.crashApp(appId(name), { silent }) } };
    control.crashTask(name, { silent });
    return { status: 200, body: { tasks: [name] } };
  }
  if (verb === 'notice' && kind === 'tasks') {
    control.notice(name);
    return { status: 200, body: { tasks: [name] } };
  }
  if (verb === 'framework-message' && kind === 'tasks') {
    const { message } = parseAs(messageRequest, parseJson(await readBody(exchange.request)));
    control.frameworkMessage(name, message);
    return { status: 200, body: { tasks: [name] } };
  }
  return null;
}

function whereOf(kind: string | undefined, name: string): Where | null {
  if (kind === 'agent' && name === '') return 'agent';
  if (name === '') return null;
  if (kind === 'apps') return { app: appId(name) };
  return kind === 'tasks' ? { task: name } : null;
}

/** The body may be left out. */
async function crashOptions(exchange: Exchange): Promise<z.output<typeof crashRequest>> {
  const { headers } = exchange.request;
  const empty =
    headers['content-length'] === '0' ||
    (!('content-length' in headers) && !('transfer-encoding' in headers));
  return empty ? {} : parseAs(crashRequest, parseJson(await readBody(exchange.request)));
}
