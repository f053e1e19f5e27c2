/** The diagnostics of marathon-lb's labels: rows of the one table of all diagnostics. */

export const marathonLbDiagnostics = {
  'auth-without-http': {
    severity: 'error',
    problem: '{label} asks for a password, but the mode of port {index} is tcp.',
    remedy: 'Write {mode} as http. Until then Baton serves nothing for port {index} of the app.',
  },
  'entries-dropped': {
    severity: 'warning',
    problem: '{label} holds {found}{more}.',
    remedy: 'Write {right}. Until then {instead}.',
  },
  'groups-missing': {
    severity: 'info',
    problem: 'The app has labels for load balancers, but {label} names no group.',
    remedy: 'Write {right}; without one only load balancers that serve every group (*) serve the app.',
  },
  'groups-trimmed': {
    severity: 'info',
    problem: 'There are blanks around group names, which marathon-lb takes for part of them.',
    remedy: 'Nothing, if {groups} is meant: Baton leaves the blanks out.',
  },
  'label-beyond-ports': {
    severity: 'warning',
    problem: '{label} is about port {index}, but the app has {ports}.',
    remedy: 'Count ports from 0, or remove the label.',
  },
  'label-defaulted': {
    severity: 'warning',
    problem: '{label} is {found}.',
    remedy: 'Write {right}. Until then {instead}.',
  },
  'label-ignored': {
    severity: 'info',
    problem: 'marathon-lb has no label {label}, and Baton has none either.',
    remedy: 'Remove it, if no other program reads it.',
  },
  'label-without-effect': {
    severity: 'warning',
    problem: '{label} has no effect {why}.',
    remedy: '{hint}, or remove the label.',
  },
  'mode-forced': {
    severity: 'info',
    problem: '{label} is tcp, but port {index} has no health check and takes that of a port that is HTTP.',
    remedy: 'Nothing, if http is meant, as with marathon-lb; else remove {cause}.',
  },
  'port-closed': {
    severity: 'error',
    problem: '{label} {found}.',
    remedy: 'Write {right}. Until then Baton serves nothing for port {index} of the app.',
  },
  'template-refused': {
    severity: 'warning',
    problem: '{label} holds raw HAProxy configuration, which Baton takes only with --allow-templates.',
    remedy: 'Remove it if the rest of the labels says enough; docs/moving-from-marathon-lb.md says why.',
  },
  'template-unfit': {
    severity: 'warning',
    problem: '{label} is left out: {found}.',
    remedy: 'Write only what docs/labels.md lists for templates. The app is served without it.',
  },
  'template-without-place': {
    severity: 'warning',
    problem: "{label} has no place in Baton's configuration: {why}.",
    remedy: 'Remove it. What stands for it: {instead}. The app is served without it.',
  },
  'template-unread': {
    severity: 'info',
    problem: '{label} is never read: marathon-lb takes {known} instead, also for its maps.',
    remedy: 'Remove it.',
  },
} as const;
