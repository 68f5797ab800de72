import { Lead } from './leads/lead.entity.js';

export { CrmModule as default } from './crm.module.js';
export const entities = [Lead];
