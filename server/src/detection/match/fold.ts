export { foldCase } from "@tyto/domain";
