/** The rules that Marathon holds a pod to, beyond the shape of its JSON: the part of its `PodsValidation` that ids and ports need. */
import { type ErrorDetail, notValid } from './api-error.ts';
import { appId } from '../model/ids.ts';
import type { PodInput } from './pod-schema.ts';
import { idErrors } from './validate.ts';

type Endpoint = PodInput['containers'][number]['endpoints'][number];

/** @throws ApiError 422 "Object is not valid" that names every broken rule */
export function validatePod(pod: PodInput): void {
  const details: ErrorDetail[] = [];
  const say = (path: string, error: string): void => void details.push({ path, errors: [error] });
  // The ends that are reserved for routes of apps are none of pods'.
  for (const error of idErrors(appId(pod.id), false)) say('/id', error);
  const endpoints = pod.containers.flatMap((container) => container.endpoints);
  const fixed = endpoints.flatMap(({ hostPort }) => hostPort ?? []).filter((port) => port !== 0);
  if (hasTwice(pod.containers.map(({ name }) => name))) say('/containers', 'container names are unique');
  if (hasTwice(endpoints.map(({ name }) => name))) say('/', 'Endpoint names are unique');
  if (hasTwice(endpoints.flatMap(({ containerPort }) => containerPort ?? [])))
    say('/', 'Container ports are unique');
  if (hasTwice(fixed)) say('/', 'Host ports are unique');
  pod.containers.forEach((container, at) => {
    container.endpoints.forEach((end, index) => {
      const error = errorOfPort(end, pod);
      if (error !== null) say(`/containers(${at})/endpoints(${index})/containerPort`, error);
    });
  });
  if (details.length > 0) throw notValid(details);
}

function errorOfPort({ containerPort }: Endpoint, { networks = [] }: PodInput): string | null {
  const modes = new Set(networks.map(({ mode }) => mode));
  if (modes.has('host') && containerPort !== undefined)
    return 'is not allowed when using host-mode networking';
  if (modes.has('container') && containerPort === undefined)
    return 'is required when using container-mode networking';
  return null;
}

function hasTwice(values: readonly (string | number)[]): boolean {
  return new Set(values).size < values.length;
}
