export { ContractBreach } from './breach.js';
export { contractChecks, type ContractCheck, skippedChecks, type SkippedCheck } from './contract-checks.js';
export {
  answered,
  type ChannelSubject,
  type ContractSubject,
  envelope,
  type EnvelopeLevel,
  type NetworkAnswers,
  type SigningRequest,
} from './subject.js';
export { FakeTransport } from './transport.js';
