/** The types of a generated service definition: which methods it has, what they take and give. */

export type MethodDefinition<Request, Response> = {
  readonly path: string;
  readonly requestStream: boolean;
  readonly responseStream: boolean;
  readonly requestSerialize: (value: Request) => Buffer;
  readonly responseDeserialize: (value: Buffer) => Response;
};

/** Request types differ by method and stand where only `never` covers them all. */
export type MethodsOf<Service> = Readonly<Record<keyof Service, MethodDefinition<never, unknown>>>;

export type UnaryMethod<Service extends MethodsOf<Service>> = {
  [Method in keyof Service]: Service[Method] extends { requestStream: false; responseStream: false }
    ? Method
    : never;
}[keyof Service];

export type StreamMethod<Service extends MethodsOf<Service>> = {
  [Method in keyof Service]: Service[Method] extends { requestStream: false; responseStream: true }
    ? Method
    : never;
}[keyof Service];

export type RequestOf<Service extends MethodsOf<Service>, Method extends keyof Service> = Parameters<
  Service[Method]["requestSerialize"]
>[0];

export type ResponseOf<Service extends MethodsOf<Service>, Method extends keyof Service> = ReturnType<
  Service[Method]["responseDeserialize"]
>;

/** The definition with its types tied to the method, which TypeScript does not derive from the constraint by itself. */
export function getMethod<Service extends MethodsOf<Service>, Method extends keyof Service>(
  service: Service,
  method: Method,
): MethodDefinition<RequestOf<Service, Method>, ResponseOf<Service, Method>> {
  return service[method] as unknown as MethodDefinition<
    RequestOf<Service, Method>,
    ResponseOf<Service, Method>
  >;
}
