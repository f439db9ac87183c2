/** What installing writes into texts.js. Only for the checker of types: WPS does not load this file. */
interface SelfEvalSettings {
    /** What people read, by name; of texts.toml. */
    texts: Record<string, string>
    /** The tag of each control of ribbon.xml, by its id. */
    tags: Record<string, string>
    /** The program that the buttons start. */
    program: string
    /** What comes before its command, as one string. */
    parameters: string
}

declare const SE_SETTINGS: SelfEvalSettings
