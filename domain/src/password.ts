/** At least 12 characters, at most 256; checked against common ones on the server (ASVS 6.2.1, 6.2.4, 6.2.9). */
export const PASSWORD_MIN_LENGTH = 12;
export const PASSWORD_MAX_LENGTH = 256;
