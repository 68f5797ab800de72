export const doctor = () => undefined;
