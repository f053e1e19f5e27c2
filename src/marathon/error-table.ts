/** What can go wrong between Baton and Marathon: each code with what it means and what to do. docs/errors.md shows it. */

interface MarathonErrorRow {
  /** Whether the same request may succeed later although nobody changes anything. */
  readonly retryable: boolean;
  readonly meaning: string;
  readonly remedy: string;
}

export const marathonErrorTable = {
  'bad-address': row(
    false,
    'The address is no http or https URL.',
    'Write --marathon as http://HOST:PORT, with the path that a proxy puts before it.',
  ),
  unreachable: row(
    true,
    'Nobody answers at the address: connection refused, no route, or the name does not resolve.',
    'Check that Marathon runs, the address, DNS and the network.',
  ),
  timeout: row(
    true,
    'No answer came within --request-timeout.',
    'Check whether Marathon is overloaded or a firewall drops the packets; else raise --request-timeout.',
  ),
  tls: row(
    false,
    'No trusted connection: the certificate is not valid, or its authority is not known here.',
    'The message says which: renew the certificate, name its authority with --marathon-ca, or give Baton one of its own with --marathon-cert.',
  ),
  unauthorized: row(
    false,
    'Marathon, or the login of DC/OS, answered 401 or 403.',
    'The message says what to check: the password, the token and when it expired, the service account and its key; and whether this user may see all apps.',
  ),
  credentials: row(
    false,
    'A file with a password, token, service account or certificate cannot be read, or holds something else.',
    'Correct the file that the message names; Baton reads it again by itself.',
  ),
  'not-found': row(false, 'Marathon has no such app.', 'Nothing: the app was deleted meanwhile.'),
  redirected: row(
    false,
    'A redirect that is not followed: not to the same route at another node of Marathon, more than two in a row, or with credentials from https to http.',
    'The message says which: correct the path, or list the addresses of all nodes as --marathon.',
  ),
  'no-leader': row(
    true,
    'Marathon, or the proxy in front of it, answered 502, 503 or 504.',
    'Wait for the election; if it stays so, look at Marathon and the proxy.',
  ),
  http: row(
    true,
    'Another status that carries no data, such as 500.',
    "Check that this is Marathon's address, with the path that a proxy puts before it.",
  ),
  'not-json': row(
    true,
    'The answer is not JSON, or not all of it came.',
    "Check that this is Marathon's address and not that of a login page or a proxy's error page.",
  ),
  unexpected: row(
    false,
    'The answer is JSON, and not what Marathon 0.13 to 1.10 says.',
    "Check that this is Marathon's address; if it is, report it.",
  ),
  'too-large': row(
    false,
    'The answer is larger than Baton takes.',
    "Check that this is Marathon's address; if it is, report it.",
  ),
  closed: row(
    true,
    'The event stream was closed.',
    'Nothing: Baton connects again and reads everything anew.',
  ),
  silent: row(
    true,
    'Nothing came on the event stream for --marathon-idle, not even a heartbeat.',
    'Nothing, if it passes; else check for a proxy that holds the stream back.',
  ),
  locked: row(
    true,
    'A deployment holds the app, so that Marathon answered 409 to a change until there was no time left.',
    'The message names the deployment: look at it with GET /v2/deployments. Baton never forces a change.',
  ),
  'too-many-deployments': row(
    true,
    'Marathon runs as many deployments as it may, and answered 403 to a change until there was no time left.',
    'Wait for them, or look for those that never end; or raise --max_running_deployments of Marathon.',
  ),
  exists: row(false, 'Marathon has an app of this id already.', 'Give the new app another id.'),
  refused: row(
    false,
    'Marathon, or a proxy in front of it, will not take the change as it is: 400, 422 or another 4xx.',
    'The message says what is wrong with it.',
  ),
  unsafe: row(
    false,
    'The change would do more than was asked for, such as restart tasks; it was not made.',
    'The message says what it would do. Most often somebody changed the app at the same time; else report it.',
  ),
  unproven: row(
    false,
    'Marathon does not tell what the change would do, so it was not made.',
    'Let this user update the group of the app: Baton asks with PUT /v2/groups/GROUP?dryRun=true, which changes nothing.',
  ),
  uncertain: row(
    true,
    'A change was asked for, no clear answer came, and there was no time left to find out whether it was done.',
    'Look at the app. Baton reads it again before it asks for anything a second time.',
  ),
  unfinished: row(
    true,
    'A deployment did not end in the time that was given for it.',
    'The message names it: look at GET /v2/deployments and at what its tasks wait for. It goes on meanwhile.',
  ),
  aborted: row(false, 'Baton itself cancelled the request, because it stops.', 'Nothing.'),
} as const satisfies Readonly<Record<string, MarathonErrorRow>>;

export type MarathonErrorCode = keyof typeof marathonErrorTable;

function row(retryable: boolean, meaning: string, remedy: string): MarathonErrorRow {
  return { retryable, meaning, remedy };
}
