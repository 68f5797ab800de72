export { Invitations, type InvitationInput } from './invitations.js';
export { InvitationsModule } from './invitations.module.js';
