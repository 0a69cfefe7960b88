/** The chat's hashed file, which the build names. */
declare const __CHAT__: string;
