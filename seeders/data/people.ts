/** The role of a demo user, which is also the local part of his address and his username. */
export type DemoRole = 'admin' | 'manager' | 'executive' | 'editor' | 'viewer';
export const DEMO_ROLES: readonly DemoRole[] = ['admin', 'manager', 'executive', 'editor', 'viewer'];

export const SUPER_ADMIN_USER = { username: 'superadmin', email: 'superadmin@example.com', fullName: 'Sasha Okafor' };

/** Modules assigned to each manager, and what each executive is granted within them. */
export const MANAGER_MODULES = ['crm', 'sales'];
export const EXECUTIVE_GRANTS = ['crm_leads_read', 'crm_leads_create', 'crm_leads_update'];

/** Full names by organization. */
export const PEOPLE: Readonly<Record<string, Readonly<Record<DemoRole, string>>>> = {
  testcorp: {
    admin: 'Alice Whitfield',
    manager: 'Marcus Bell',
    executive: 'Elena Petrova',
    editor: 'Edward Nakamura',
    viewer: 'Vera Lindqvist',
  },
  acme: {
    admin: 'Anton Bergmann',
    manager: 'Miriam Scholz',
    executive: 'Erik Vogel',
    editor: 'Emilia Brandt',
    viewer: 'Volker Haas',
  },
  globex: {
    admin: 'Amelia Hargreaves',
    manager: 'Malcolm Price',
    executive: 'Esther Adeyemi',
    editor: 'Ewan Campbell',
    viewer: 'Victoria Shah',
  },
  initech: {
    admin: 'Andre Coleman',
    manager: 'Maya Delgado',
    executive: 'Ethan Brooks',
    editor: 'Erica Nguyen',
    viewer: 'Vincent Ortiz',
  },
  umbrella: {
    admin: 'Agathe Moreau',
    manager: 'Mathieu Girard',
    executive: 'Elodie Fontaine',
    editor: 'Etienne Roussel',
    viewer: 'Valerie Lambert',
  },
};
