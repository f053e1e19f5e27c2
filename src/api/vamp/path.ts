/** Where Vamp's API is; in a file of its own, so that who only asks for the path loads no YAML. */
export const vampPath = '/api/v1/';
