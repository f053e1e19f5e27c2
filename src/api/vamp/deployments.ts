/** The routes of Vamp's API about deployments. */
import type { IncomingMessage } from 'node:http';
import type { DeploymentAnswer, Deployments } from '../../controller/deployments.ts';
import type { Blueprint } from '../../declared/vamp/blueprint.ts';
import { stamps } from '../../declared/vamp/blueprint-apps.ts';
import { parseBlueprint } from '../../declared/vamp/blueprint-parse.ts';
import type { Flaw } from '../../declared/vamp/yaml-tree.ts';
import type { App } from '../../model/app.ts';
import { type Answer, problem } from '../answer.ts';
import { yamlBody } from '../body.ts';
import { artifacts, flawed, nothing, pageOf, refused } from './answers.ts';
import { byWhom, isSet, paceOf } from './pace.ts';

interface Deploying {
  readonly deployments: Deployments;
  readonly allowTemplates: boolean;
}

/** @param name null: all of them */
export async function deploymentsAnswer(
  request: IncomingMessage,
  name: string | null,
  query: URLSearchParams,
  vamp: Deploying,
): Promise<Answer> {
  const { method } = request;
  if (method === 'GET' || method === 'HEAD') return read(request, name, query, vamp.deployments);
  if (method === 'POST' || (method === 'PUT' && name !== null)) return deploy(request, name, query, vamp);
  if (method === 'DELETE' && name !== null) return remove(request, name, query, vamp);
  return problem(405, 'that is not understood here; GET, and PUT, POST and DELETE of a NAME are');
}

function read(
  request: IncomingMessage,
  name: string | null,
  query: URLSearchParams,
  deployments: Deployments,
): Answer {
  const all = deployments.all();
  const removing = deployments.removing();
  if (name === null)
    return artifacts(
      request,
      200,
      pageOf(query, [...all]).map(([each, apps]) => deploymentView(each, apps, removing)),
    );
  const apps = all.get(name);
  return apps === undefined
    ? problem(404, `there is no deployment ${name}; GET /api/v1/deployments lists them`)
    : artifacts(request, 200, deploymentView(name, apps, removing));
}

function deploymentView(name: string, apps: readonly App[], removing: ReadonlySet<string>) {
  const clusters: Record<string, { services: unknown[] }> = {};
  for (const app of apps) {
    const cluster = (clusters[app.labels[stamps.cluster] ?? ''] ??= { services: [] });
    const running = app.tasks.filter(({ state }) => state === 'TASK_RUNNING');
    const isDone = running.length === app.instances && running.every(({ health }) => health === 'up');
    cluster.services.push({
      status: {
        intention: removing.has(app.id) ? 'Undeployment' : 'Deployment',
        phase: { name: isDone ? 'Done' : 'Updating' },
      },
      breed: { name: app.labels[stamps.service] ?? '' },
      scale: { instances: app.instances },
      app: app.id,
      instances: running.map(({ id, host, ports }) => ({ name: id, host, ports })),
      health: {
        running: running.length,
        healthy: running.filter(({ health }) => health === 'up').length,
        unhealthy: running.filter(({ health }) => health === 'down').length,
      },
    });
  }
  return { name, kind: 'deployments', clusters };
}

async function deploy(
  request: IncomingMessage,
  name: string | null,
  query: URLSearchParams,
  { deployments, allowTemplates }: Deploying,
): Promise<Answer> {
  const pace = paceOf(query);
  const how = howOf(request, query);
  const text = await yamlBody(request);
  const parsed = parseBlueprint(text, { allowTemplates });
  if (!parsed.ok) return flawed(400, parsed.flaws);
  const blueprint: Blueprint = { ...parsed.blueprint, name: name ?? parsed.blueprint.name };
  const answer = await deployments.deploy(blueprint, pace, how);
  return answerOf(request, text, blueprint.name, answer, parsed.notes, how.validateOnly ? 200 : 202);
}

async function remove(
  request: IncomingMessage,
  name: string,
  query: URLSearchParams,
  { deployments, allowTemplates }: Deploying,
): Promise<Answer> {
  const how = howOf(request, query);
  const text = await yamlBody(request);
  const parsed = text.trim() === '' ? null : parseBlueprint(text, { allowTemplates });
  if (parsed?.ok === false) return flawed(400, parsed.flaws);
  const answer = await deployments.remove(name, parsed?.blueprint ?? null, how);
  const isNothing = answer.outcome === 'done' && answer.apps.length + answer.gateways.length === 0;
  return isNothing ? nothing : answerOf(request, text, name, answer, [], how.validateOnly ? 200 : 202);
}

function howOf(request: IncomingMessage, query: URLSearchParams) {
  return {
    by: byWhom(query, request.socket.remoteAddress),
    validateOnly: isSet(query, 'validate_only'),
  };
}

function answerOf(
  request: IncomingMessage,
  text: string,
  name: string,
  answer: DeploymentAnswer,
  notes: readonly Flaw[],
  status: number,
): Answer {
  switch (answer.outcome) {
    case 'done': {
      const { apps, scaled, gateways } = answer;
      return artifacts(request, status, { name, kind: 'deployments', apps, scaled, gateways, notes });
    }
    case 'refused':
      return refused(text, answer.problems);
    case 'failed':
      return problem(502, answer.problem);
  }
}
